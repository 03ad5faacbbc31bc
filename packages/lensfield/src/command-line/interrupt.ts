/** Raised where Ctrl-C stopped the work; what was done is in the checkpoint. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/**
 * Runs `work` with a signal that the first Ctrl-C raises; a second one ends the process at once. `remedy` is said where it stops.
 */
export async function withInterrupt<T>(
  remedy: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onInterrupt = () => {
    if (controller.signal.aborted) process.exit(1);
    process.stderr.write('\nstopping; Ctrl-C again ends at once\n');
    controller.abort(new InterruptedError(`stopped by Ctrl-C. ${remedy}`));
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}
