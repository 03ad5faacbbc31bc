import { backend_util, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { MAX_POOL_SELECT } from '../ops/max-pool-select.ts';
import {
  define,
  defineForFloats,
  fallBack,
  type KernelDefinition,
  type KernelParameters,
} from './definition.ts';

type Conv2DInfo = backend_util.Conv2DInfo;
type Shape4 = [number, number, number, number];

function convolutionInfo(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: NamedAttrMap,
): Conv2DInfo {
  return backend_util.computeConv2DInfo(
    inputShape as Shape4,
    filterShape as Shape4,
    attributes.strides as [number, number],
    (attributes.dilations as [number, number] | undefined) ?? 1,
    attributes.pad as 'same',
    attributes.dimRoundingMode as 'floor',
    false,
    backend_util.convertConv2DDataFormat(attributes.dataFormat as 'NHWC'),
  );
}

type Geometry =
  Parameters<KernelParameters['backend']['kernels']['call']['lf_conv2d']> extends [
    unknown,
    unknown,
    unknown,
    ...infer Rest,
  ]
    ? Rest
    : never;

function convolutionGeometry(info: Conv2DInfo): Geometry {
  return [
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.outChannels,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  ];
}

function isPlain(info: Conv2DInfo): boolean {
  return info.dataFormat === 'channelsLast' && info.dilationHeight === 1 && info.dilationWidth === 1;
}

const conv2d = defineForFloats('Conv2D', (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  const info = convolutionInfo(x.shape, filter.shape, attrs);
  if (!isPlain(info)) return fallBack('Conv2D', parameters);
  const output = backend.output(info.outShape);
  if (output.values.length > 0) {
    const { call } = backend.kernels;
    call.lf_conv2d(backend.floats(x), backend.floats(filter), output.values, ...convolutionGeometry(info));
  }
  return output.info;
});

const inputGradient = defineForFloats('Conv2DBackpropInput', (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const info = convolutionInfo(attrs.inputShape as number[], filter.shape, attrs);
  if (!isPlain(info)) return fallBack('Conv2DBackpropInput', parameters);
  const output = backend.output(info.inShape);
  if (output.values.length > 0) {
    const { call } = backend.kernels;
    call.lf_conv2d_input_gradient(
      backend.floats(dy),
      backend.floats(filter),
      output.values,
      ...convolutionGeometry(info),
    );
  }
  return output.info;
});

const filterGradient = defineForFloats('Conv2DBackpropFilter', (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const info = convolutionInfo(x.shape, attrs.filterShape as number[], attrs);
  if (!isPlain(info)) return fallBack('Conv2DBackpropFilter', parameters);
  const output = backend.output(info.filterShape);
  if (output.values.length > 0) {
    const { call } = backend.kernels;
    call.lf_conv2d_filter_gradient(
      backend.floats(x),
      backend.floats(dy),
      output.values,
      ...convolutionGeometry(info),
    );
  }
  return output.info;
});

function poolInfo(inputShape: readonly number[], attributes: NamedAttrMap): Conv2DInfo {
  return backend_util.computePool2DInfo(
    inputShape as Shape4,
    attributes.filterSize as [number, number],
    attributes.strides as [number, number],
    1,
    attributes.pad as 'same',
    attributes.dimRoundingMode as 'floor',
  );
}

type PoolGeometry =
  Parameters<KernelParameters['backend']['kernels']['call']['lf_max_pool']> extends [
    unknown,
    unknown,
    ...infer Rest,
  ]
    ? Rest
    : never;

function poolGeometry(info: Conv2DInfo): PoolGeometry {
  return [
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  ];
}

const maxPool = defineForFloats('MaxPool', ({ inputs, attrs, backend }) => {
  const info = poolInfo(inputs.x!.shape, attrs);
  const output = backend.output(info.outShape);
  backend.kernels.call.lf_max_pool(backend.floats(inputs.x!), output.values, ...poolGeometry(info));
  return output.info;
});

const meanPool = defineForFloats('AvgPool', ({ inputs, attrs, backend }) => {
  const info = poolInfo(inputs.x!.shape, attrs);
  const output = backend.output(info.outShape);
  backend.kernels.call.lf_mean_pool(backend.floats(inputs.x!), output.values, ...poolGeometry(info));
  return output.info;
});

const maxPoolGradient = defineForFloats('MaxPoolGrad', ({ inputs, attrs, backend }) => {
  const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
  const info = poolInfo(input.shape, attrs);
  const output = backend.output(input.shape);
  const { call } = backend.kernels;
  call.lf_max_pool_gradient(backend.floats(dy), backend.floats(input), output.values, ...poolGeometry(info));
  return output.info;
});

const meanPoolGradient = defineForFloats('AvgPoolGrad', ({ inputs, attrs, backend }) => {
  const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
  const info = poolInfo(input.shape, attrs);
  const output = backend.output(input.shape);
  backend.kernels.call.lf_mean_pool_gradient(backend.floats(dy), output.values, ...poolGeometry(info));
  return output.info;
});

const maxPoolSelect = define(MAX_POOL_SELECT, ({ inputs, attrs, backend }) => {
  const { values, x } = inputs as { values: TensorInfo; x: TensorInfo };
  const info = poolInfo(x.shape, attrs);
  const output = backend.output(info.outShape);
  const { call } = backend.kernels;
  call.lf_max_pool_select(backend.floats(values), backend.floats(x), output.values, ...poolGeometry(info));
  return output.info;
});

export const windowKernels: readonly KernelDefinition[] = [
  conv2d,
  inputGradient,
  filterGradient,
  maxPool,
  meanPool,
  maxPoolGradient,
  meanPoolGradient,
  maxPoolSelect,
];
