import { expect, it } from 'vitest';
import * as api from '../src/index.ts';

it('exports what it says', () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "adam",
      "arrayOf",
      "arraysOf",
      "backendInfo",
      "clipByGlobalNorm",
      "compile",
      "createStepper",
      "disposeTree",
      "globalNorm",
      "initTensors",
      "irfft2",
      "kernelReport",
      "learningRateAt",
      "parameterTree",
      "parameterVector",
      "pickRows",
      "repeatRows",
      "rfft2",
      "runTraining",
      "splitRows",
      "tensorOf",
      "tensorsOf",
      "tf",
      "train",
      "valueAndGradients",
    ]
  `);
});

it('covers these ops', () => {
  expect(Object.keys(api.tf).sort().join(' ')).toMatchInlineSnapshot(
    `"Tensor abs add addN argMax argMin argsort atan atan2 avgPool batchNormalise batchNormaliseBy broadcastTo cast ceil clipByValue clone concat conv2d conv2dTranspose cos cosh cumsum customGrad dispose div dot elu equal erf exp expandDims expm1 eye fill floor gather grad grads greater greaterEqual groupNormalise image irfft2 isFinite isInf isNaN keep layerNormalise leakyRelu less lessEqual linspace log log1p logSoftmax logSumExp logicalAnd logicalNot logicalOr matMul max maxPool maximum mean memory min minimum moments mul neg norm notEqual oneHot ones onesLike outerProduct pad pow print profile range reciprocal relu reshape reverse rfft2 round rsqrt scalar selu sigmoid sign silu sin sinh slice softmax softplus sort split sqrt square squaredDifference squeeze stack step stopGradient sub sum tan tanh tensor tensor1d tensor2d tensor3d tensor4d tensor5d tidy tile transpose unsortedSegmentSum unstack valueAndGrad valueAndGrads variable variableGrads where zeros zerosLike"`,
  );
});
