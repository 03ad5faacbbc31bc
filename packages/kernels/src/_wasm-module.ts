import { UnsupportedError } from './errors.ts';

export interface KernelExports {
  lf_arena_allocate(bytes: number): number;
  lf_arena_release(pointer: number): number;
  readonly [kernel: string]: (...args: number[]) => number;
}

async function moduleBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** Compiled once per process or page; a module is immutable and shared by all engines. */
function compiledModule(): Promise<WebAssembly.Module> {
  const url = new URL('../dist/lensfield.wasm', import.meta.url);
  compiled ??= moduleBytes(url)
    .then((bytes) => WebAssembly.compile(bytes))
    .catch((error: Error) => {
      compiled = undefined;
      throw new UnsupportedError(`kernels.loadKernels: ${url} must be readable; got: ${error.message}.`, {
        cause: error,
      });
    });
  return compiled;
}

/** One more instance over the given memory. */
export async function instantiateKernels(memory: WebAssembly.Memory): Promise<KernelExports> {
  const instance = await WebAssembly.instantiate(await compiledModule(), { env: { memory } });
  return instance.exports as unknown as KernelExports;
}
