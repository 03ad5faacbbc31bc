/** Why a test of TensorFlow.js fails on our backends, by the name of the test or the message of the failure; the first that fits counts. */
export const EXCEPTIONS = [
  {
    message:
      /^UnsupportedError: tensors\.gradient: every op on the path must have a gradient; got kernel (\w+)/,
    reason: 'No gradient that is right to second order is registered, and the error says so',
  },
  {
    test: /^gather .*(batchDims 1)/,
    reason: 'Gradients of `gather` with batch dimensions are refused with an error',
  },
  {
    test: /^gather throws when index is out of bound/,
    reason: 'It throws; our words differ',
  },
  {
    test: /^depthwiseConv2d gradients .*dilations/,
    reason: 'It throws; our words differ',
  },
  {
    test: /^(max|min) .*ties/,
    reason:
      'Equal largest entries share the gradient; TensorFlow.js gives each all of it, which is no subgradient',
  },
  {
    test: /^sign /,
    reason: 'The sign of NaN is NaN; TensorFlow.js asks for 0',
  },
  {
    test: /^maxPool .*ignores NaNs/,
    reason: 'A NaN passes through a maximum; TensorFlow.js asks that pools drop it',
  },
  {
    test: /^avgPool gradient .*p=explicit/,
    reason:
      'At the border the gradient is that of the forward pass, which divides by the pixels inside; TensorFlow.js divides by the window',
  },
  {
    test: /^pool avg .*f=\[1,1\] s=2 p=1/,
    reason:
      'The mean of a window that lies in the padding alone is NaN; the CPU backend copies the input there',
  },
  {
    test: /^div gradient: .*int32/,
    reason:
      'The quotient of integers is rounded down, hence constant between jumps; TensorFlow.js gives the slope of the exact quotient',
  },
  {
    test: /^unsortedSegmentSum gradient ignores negative/,
    reason: 'A negative segment is refused with an error',
  },
  {
    test: /^conv2dTranspose input=8x8x8,output=4x4x8/,
    reason:
      'The test asks for an output that does not belong to its input: 4 x 4 with stride 1 and padding "same" from 8 x 8',
  },
];
