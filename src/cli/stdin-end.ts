/**
 * A signal that aborts when standard input ends, because whoever started this process and held its other end has gone.
 * What comes in is read and thrown away. Waiting for the end does not keep the process alive.
 */
export function stdinEnd(): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort();
  // Where the other end breaks off, there is an error instead of an end on some systems.
  process.stdin.once("end", end).once("close", end).on("error", end).resume();
  // A file has no unref, but it ends by itself.
  process.stdin.unref?.();
  return controller.signal;
}
