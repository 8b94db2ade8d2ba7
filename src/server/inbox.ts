/** Messages of one client that may wait, and their bytes; one of any size may. Beyond it the transport is paused. */
export const MOST_ITEMS = 64;
export const MOST_BYTES = 16 * 1024 * 1024;

/** A message as it came, or the end of the client's side of the stream. */
export type InboxItem =
  | { readonly kind: "message"; readonly bytes: Uint8Array; readonly arrived: number }
  | { readonly kind: "end" };

/** What a client has sent and the shot has not yet taken, in the order of arrival. */
export interface Inbox {
  readonly items: InboxItem[];
  /** Of those that wait. */
  bytes: number;
}

/** An inbox in which nothing waits. */
export function emptyInbox(): Inbox {
  return { items: [], bytes: 0 };
}

/** Adds an item at the end. */
export function put(inbox: Inbox, item: InboxItem): void {
  inbox.items.push(item);
  inbox.bytes += bytesOf(item);
}

/** Takes the oldest item; undefined where nothing waits. */
export function take(inbox: Inbox): InboxItem | undefined {
  const item = inbox.items.shift();
  if (item) inbox.bytes -= bytesOf(item);
  return item;
}

/** Whether as much waits as may: time to pause the transport. */
export function isFull({ items, bytes }: Inbox): boolean {
  return items.length >= MOST_ITEMS || bytes >= MOST_BYTES;
}

/** Whether so little waits that the transport may go on: less than half. */
export function hasRoom({ items, bytes }: Inbox): boolean {
  return items.length * 2 < MOST_ITEMS && bytes * 2 < MOST_BYTES;
}

/** Lets go of all that waits. */
export function clear(inbox: Inbox): void {
  inbox.items.length = 0;
  inbox.bytes = 0;
}

function bytesOf(item: InboxItem): number {
  return item.kind === "message" ? item.bytes.length : 0;
}
