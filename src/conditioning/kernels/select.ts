import { F64s, I32s } from "./views";

/** The value that would be at `place` if values from `first` to `end` were sorted; those before it are not greater then, those behind it not less. */
export function selected(values: F64s, first: i32, end: i32, place: i32): f64 {
  let last = end - 1;
  while (first < last) {
    const pivot = median(values[first], values[(first + last) >> 1], values[last]);
    let i = first;
    let j = last;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i] = values[j];
      values[j] = value;
      i++;
      j--;
    }
    if (place <= j) last = j;
    else if (place >= i) first = i;
    else break;
  }
  return values[place];
}

function median(a: f64, b: f64, c: f64): f64 {
  return max(min(a, b), min(max(a, b), c));
}

/** Bits that a pass of a radix sort looks at, and how many values they have. */
const DIGIT: i32 = 11;
const DIGITS: i32 = 1 << DIGIT;
/** Passes over 64-bit keys. */
const PASSES: i32 = 6;
/** Bytes that `sortByKey` needs to count in. */
export const COUNT_BYTES: usize = <usize>((PASSES * DIGITS) << 2);

/**
 * Sorts items by their 64-bit keys, rising, equal ones in the order they have.
 *
 * @param keys - [count]; sorted too.
 * @param spareKeys - [count], as is spareItems.
 * @param counts - COUNT_BYTES.
 */
export function sortByKey(
  keys: usize,
  items: I32s,
  spareKeys: usize,
  spareItems: I32s,
  count: i32,
  counts: usize,
): void {
  memory.fill(counts, 0, COUNT_BYTES);
  for (let i = 0; i < count; i++) {
    const key = load<u64>(keys + ((<usize>i) << 3));
    for (let pass = 0; pass < PASSES; pass++) {
      const at = counts + ((<usize>(pass * DIGITS + digitOf(key, pass))) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
  }
  let from = keys;
  let to = spareKeys;
  let fromItems = items;
  let toItems = spareItems;
  const first = load<u64>(keys);
  for (let pass = 0; pass < PASSES; pass++) {
    const table = counts + ((<usize>(pass * DIGITS)) << 2);
    // Where all keys have the same digit there is nothing to do.
    if (load<i32>(table + ((<usize>digitOf(first, pass)) << 2)) == count) continue;
    let sum = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const at = table + ((<usize>digit) << 2);
      const here = load<i32>(at);
      store<i32>(at, sum);
      sum += here;
    }
    for (let i = 0; i < count; i++) {
      const key = load<u64>(from + ((<usize>i) << 3));
      const at = table + ((<usize>digitOf(key, pass)) << 2);
      const place = load<i32>(at);
      store<i32>(at, place + 1);
      store<u64>(to + ((<usize>place) << 3), key);
      toItems[place] = fromItems[i];
    }
    const keysBefore = from;
    from = to;
    to = keysBefore;
    const itemsBefore = fromItems;
    fromItems = toItems;
    toItems = itemsBefore;
  }
  if (from == keys) return;
  memory.copy(keys, spareKeys, (<usize>count) << 3);
  memory.copy(changetype<usize>(items), changetype<usize>(spareItems), (<usize>count) << 2);
}

function digitOf(key: u64, pass: i32): i32 {
  return <i32>(key >> <u64>(pass * DIGIT)) & (DIGITS - 1);
}
