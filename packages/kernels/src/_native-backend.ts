import { checkLength } from './_array-length.ts';
import { type CallObserver, checkedCalls, type RawCall } from './_checked-calls.ts';
import { InvalidArgumentError, UnsupportedError } from './errors.ts';
import { KERNEL_SIGNATURES } from './generated/signatures.ts';
import type { Kernels } from './kernels.ts';
import type { KernelArray } from './signature.ts';

type Addon = {
  readonly signatures: string;
  setThreads(threads: number): void;
  alignment(array: Uint8Array): number;
  address(array: KernelArray): number;
} & Readonly<Record<string, RawCall>>;

const CACHE_LINE_BYTES = 64;

/** Why the addon cannot serve these sources, or nothing. */
function staleness(addon: Addon): string | undefined {
  const present = new Set(addon.signatures.split('\n'));
  const missing = KERNEL_SIGNATURES.find(({ text }) => !present.has(text));
  return (
    missing &&
    `the addon was built from other sources: it lacks ${missing.text}; rebuild @lensfield/kernels-native`
  );
}

async function importAddon(): Promise<Addon> {
  if (typeof process === 'undefined' || !process.versions?.node)
    throw new UnsupportedError('kernels.loadKernels: backend must be wasm outside Node; got native.');
  const { createRequire } = await import('node:module');
  let found: { available: boolean; reason?: string; addon?: Addon };
  try {
    found = createRequire(import.meta.url)('@lensfield/kernels-native');
  } catch (error) {
    const cause = (error as Error).message.split('\n')[0];
    found = { available: false, reason: `@lensfield/kernels-native is not installed (${cause})` };
  }
  const reason = found.addon ? staleness(found.addon) : found.reason;
  if (!found.addon || reason)
    throw new UnsupportedError(`kernels.loadKernels: the native backend must load; got: ${reason}.`);
  return found.addon;
}

/** Zeroed memory that starts on a cache line. */
function alignedBuffer(addon: Addon, bytes: number): [ArrayBuffer, number] {
  const buffer = new ArrayBuffer(bytes + CACHE_LINE_BYTES);
  const misalignment = addon.alignment(new Uint8Array(buffer));
  return [buffer, (CACHE_LINE_BYTES - misalignment) % CACHE_LINE_BYTES];
}

/* The addon keeps the number per JavaScript thread, and this module is loaded once in each, but a thread may hold several engines. */
let threadsInUse = 0;

function useThreads(addon: Addon, threads: number): void {
  if (threadsInUse === threads) return;
  addon.setThreads(threads);
  threadsInUse = threads;
}

async function coreCount(): Promise<number> {
  const { availableParallelism, cpus } = await import('node:os');
  return availableParallelism?.() ?? cpus().length;
}

/** Loads the addon. Throws `UnsupportedError` with the reason when it cannot. */
export async function loadNativeKernels(options: { threads?: number }): Promise<Kernels> {
  const addon = await importAddon();
  const threads = options.threads ?? (await coreCount());
  if (!Number.isInteger(threads) || threads < 1 || threads > 256)
    throw new InvalidArgumentError(
      'threads',
      `kernels.loadKernels: threads must be an integer from 1 to 256; got ${threads}.`,
    );
  const create =
    <T>(Type: { new (buffer: ArrayBuffer, offset: number, length: number): T; BYTES_PER_ELEMENT: number }) =>
    (length: number): T => {
      checkLength(length);
      const [buffer, offset] = alignedBuffer(addon, length * Type.BYTES_PER_ELEMENT);
      return new Type(buffer, offset, length);
    };
  const observer: CallObserver = {};
  return {
    backend: 'native',
    threads,
    float32: create(Float32Array),
    float64: create(Float64Array),
    int32: create(Int32Array),
    uint32: create(Uint32Array),
    uint8: create(Uint8Array),
    free(_array: KernelArray): void {},
    observe: (listener) => {
      observer.listener = listener;
    },
    addressOf: (array) => addon.address(array),
    call: checkedCalls(observer, ({ name }) => {
      const kernel = addon[name]!;
      return (...args) => {
        useThreads(addon, threads);
        return kernel(...args);
      };
    }),
  };
}
