import {
  findBackend,
  getKernel,
  getKernelsForBackend,
  type KernelBackend,
  type KernelConfig,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';

/** How often each kernel of the CPU backend stood in on `tensorflow`. */
export const standInCalls = new Map<string, number>();

/** The same numbers as a tensor of another backend. */
function copyTo(
  target: KernelBackend,
  source: KernelBackend,
  { dataId, shape, dtype }: TensorInfo,
): TensorInfo {
  return { dataId: target.write(source.readSync(dataId), shape, dtype), shape, dtype };
}

type Inputs = Readonly<Record<string, TensorInfo | TensorInfo[] | undefined | null>>;

/** The inputs of a kernel, which may be lists, each as `copy` gives it; what is left out stays left out. */
function mapInputs(inputs: Inputs, copy: (input: TensorInfo) => TensorInfo): Inputs {
  const copyAny = (input: Inputs[string]) => {
    if (Array.isArray(input)) return input.map(copy);
    return input ? copy(input) : input;
  };
  if (Array.isArray(inputs)) return inputs.map(copyAny) as never;
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, copyAny(input)]));
}

/** A kernel of the CPU backend, run there on copies of its inputs. */
export function cpuStandIn(kernelName: string, backendName: string): KernelConfig {
  return {
    kernelName,
    backendName,
    kernelFunc: (parameters) => {
      standInCalls.set(kernelName, (standInCalls.get(kernelName) ?? 0) + 1);
      const own = parameters.backend as KernelBackend;
      const cpu = findBackend('cpu');
      const copies: TensorInfo[] = [];
      const inputs = mapInputs(parameters.inputs, (input) => {
        const copy = copyTo(cpu, own, input);
        copies.push(copy);
        return copy;
      }) as typeof parameters.inputs;
      const outputs = getKernel(kernelName, 'cpu')!.kernelFunc({ ...parameters, inputs, backend: cpu });
      const infos = (Array.isArray(outputs) ? outputs : [outputs]) as TensorInfo[];
      const results = infos.map((info) => copyTo(own, cpu, info));
      for (const { dataId } of [...infos, ...copies]) cpu.disposeData(dataId);
      return Array.isArray(outputs) ? results : results[0]!;
    },
  };
}

/* TensorFlow's own, as bound, take half-pixel centres for corners, and multiply infinities by weights of zero. */
const REPLACED = [
  'ResizeBilinear',
  'ResizeBilinearGrad',
  'ResizeNearestNeighbor',
  'ResizeNearestNeighborGrad',
];

/** Gives `backendName` the kernels of the CPU backend, our plain ones among them, that it lacks or has wrong. */
export function registerStandIns(backendName: string): void {
  for (const kernelName of REPLACED) unregisterKernel(kernelName, backendName);
  for (const { kernelName } of getKernelsForBackend('cpu')) {
    if (getKernel(kernelName, backendName) === undefined) registerKernel(cpuStandIn(kernelName, backendName));
  }
}
