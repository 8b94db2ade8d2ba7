/** The part of fs-native-extensions that takes need; the package has no types of its own. */
declare module "fs-native-extensions" {
  /**
   * Asks for an exclusive lock on bytes of an open, writable file. False where another descriptor holds it. The kernel
   * lets it go when the descriptor closes, also by the end of its process.
   *
   * @throws Error with a `code` where the file system knows no locks.
   */
  export function tryLock(fd: number, offset?: number, length?: number): boolean;
}
