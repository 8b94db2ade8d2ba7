/** Where this instance of the kernels, which belongs to one thread, may keep what it is at. */
export let scratch: usize = 0;

/** Tells where that is, once. */
export function setScratch(address: usize): void {
  scratch = address;
}
