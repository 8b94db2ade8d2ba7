/**
 * Waits for work, but no longer than this. Resolves with whether the work came to its end, well or not; work that is late goes on
 * unwatched, and may fail.
 */
export function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    const ended = () => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(ended, ended);
  });
}
