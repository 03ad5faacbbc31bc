import { beforeAll, describe, expect, test } from 'vitest';
import { compile, initTensors, type ParameterTree, type TensorTree, tensorsOf, tf } from '../src/index.ts';
import { tensorBackends } from './_backends.ts';

const COMPILING = tensorBackends.filter((backend) => backend === 'native' || backend === 'wasm');

/** Numbers of order one that depend on a seed. */
function numbers(seed: number, shape: number[]) {
  const length = shape.reduce((product, size) => product * size, 1);
  return {
    shape,
    data: Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) * (seed + 0.37))),
  };
}

/** The step on the tape. */
function taped(
  step: (inputs: TensorTree) => TensorTree,
  inputs: ParameterTree,
): Record<string, Float32Array> {
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(step(tensorsOf(inputs))).map(([name, tensor]) => [
        name,
        Float32Array.from(tensor.dataSync()),
      ]),
    ),
  );
}

/** Replays and the tape must agree bit by bit: they make the same calls. */
function expectSame(step: (inputs: TensorTree) => TensorTree, sets: readonly ParameterTree[]): void {
  const compiled = compile(step);
  for (const inputs of sets) {
    const expected = taped(step, inputs);
    const results = compiled(inputs);
    expect(Object.keys(results).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, values] of Object.entries(expected)) expect(results[name]!.data, name).toEqual(values);
  }
  compiled.dispose();
}

const seeds = [1, 2, 3, 1];

function gradientOf(f: (x: tf.Tensor, rest: TensorTree) => tf.Tensor) {
  return ({ x, ...rest }: TensorTree): TensorTree => {
    const { value, grad } = tf.valueAndGrad((at: tf.Tensor) => f(at, rest) as tf.Scalar)(x!);
    return { value, grad };
  };
}

describe.each(COMPILING)('compile on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  test('twenty element-wise operations, value and gradient', () => {
    const chain = gradientOf((x) => {
      let y = x;
      for (let i = 0; i < 5; i++) {
        y = tf.add(tf.mul(tf.tanh(y), 1.1), tf.exp(tf.neg(tf.square(y))));
      }
      return tf.sum(y);
    });
    expectSame(
      chain,
      seeds.map((seed) => ({ x: numbers(seed, [5, 60, 60]) })),
    );
  });

  test.each([
    ['rows', [7], 0],
    ['columns', [600, 1], 1],
    ['long rows', [1200], 2],
    ['inner axes', [1, 5, 1], 3],
  ])('element-wise operations that broadcast %s', (_name, shape, which) => {
    const x = [
      [600, 7],
      [600, 7],
      [5, 1200],
      [6, 5, 70],
    ][which]!;
    const step = gradientOf((y, { b }) => {
      const moved = tf.silu(tf.add(tf.mul(y, b!), tf.sub(y, tf.square(b!))));
      return tf.mean(tf.mul(tf.leakyRelu(moved, 0.1), tf.add(b!, tf.relu(y))));
    });
    expectSame(
      step,
      seeds.map((seed) => ({ x: numbers(seed, x), b: numbers(seed + 7, shape) })),
    );
  });

  test('a broadcast operand that a chain of many blocks reads first and then no more', () => {
    const step = ({ x, b }: TensorTree): TensorTree => {
      const product = tf.mul(x!, b!);
      const [tanh, exp] = [tf.tanh(product), tf.exp(tf.neg(tf.square(product)))];
      return { y: tf.add(tf.mul(tf.sub(tanh, exp), tf.silu(tanh)), tf.sigmoid(tf.mul(exp, tanh))) };
    };
    expectSame(
      step,
      seeds.map((seed) => ({ x: numbers(seed, [600, 7]), b: numbers(seed + 7, [7]) })),
    );
  });

  test('a copy and a sum along more axes than a chain has', () => {
    const step = ({ x }: TensorTree): TensorTree => ({
      y: tf.add(tf.transpose(tf.exp(x!), [3, 2, 1, 0]), tf.ones([1, 4, 1, 2])),
    });
    expectSame(
      step,
      seeds.map((seed) => ({ x: numbers(seed, [2, 3, 4, 5]) })),
    );
  });

  const layers: [string, (x: tf.Tensor, rest: TensorTree) => tf.Tensor][] = [
    [
      'batch norm',
      (x, { b }) => tf.batchNormalise(x as tf.Tensor4D, { scale: b! as tf.Tensor1D }).normalised,
    ],
    ['group norm', (x) => tf.groupNormalise(x as tf.Tensor4D, 2)],
    ['layer norm', (x) => tf.layerNormalise(x)],
    ['nearest pixels', (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [8, 12])],
    ['bilinear pixels', (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [5, 7])],
    ['running sums', (x) => tf.cumsum(x, 1)],
    ['sorting', (x) => tf.sort(x)],
  ];
  test.each(layers)('%s: value, gradient, and a gradient of the gradient', (_name, layer) => {
    const loss = (x: tf.Tensor, rest: TensorTree) => tf.sum(tf.tanh(layer(x, rest)));
    const step = gradientOf((x, rest) => {
      const grad = tf.grad((at: tf.Tensor) => loss(at, rest))(x);
      return tf.add(loss(x, rest), tf.sum(tf.square(grad)));
    });
    expectSame(
      step,
      seeds.map((seed) => ({ x: numbers(seed, [3, 4, 6, 4]), b: numbers(seed + 7, [4]) })),
    );
  });

  test('copies in a chain: transposed rows, a slice, a repetition', () => {
    const step = ({ x, b }: TensorTree): TensorTree => {
      const y = tf.exp(x!);
      const turned = tf.transpose(y, [1, 0, 2]);
      const mixed = tf.add(tf.mul(turned, 2), tf.reshape(y, [50, 4, 60]));
      const repeated = tf.broadcastTo(tf.slice(b!, [1], [60]), [50, 4, 60]);
      return { z: tf.mul(tf.tanh(mixed), repeated), repeated, turned };
    };
    expectSame(
      step,
      seeds.map((seed) => ({ x: numbers(seed, [4, 50, 60]), b: numbers(seed + 7, [62]) })),
    );
  });

  test('a gradient of a gradient', () => {
    const step = gradientOf((w, { y }) => {
      const score = tf.grad((at: tf.Tensor) =>
        tf.sum(tf.tanh(tf.matMul(at as tf.Tensor2D, w as tf.Tensor2D))),
      )(y!);
      return tf.mean(tf.square(score));
    });
    expectSame(
      step,
      seeds.map((seed) => ({ y: numbers(seed, [40, 6]), x: numbers(seed + 3, [6, 9]) })),
    );
  });

  test('convolution, pools, slices, concatenation, masks, reductions over inner axes', () => {
    const step = gradientOf((w, { images }) => {
      const maps = tf.relu(tf.conv2d(images as tf.Tensor4D, w as tf.Tensor4D, 2, 'same'));
      const pooled = tf.avgPool(tf.maxPool(maps, 2, 2, 'same'), 2, 2, 'valid');
      const [left, right] = tf.split(pooled, 2, 3);
      const joined = tf.concat(
        [
          tf.mul(left!, 2),
          tf.pad(right!, [
            [0, 0],
            [0, 0],
            [0, 0],
            [0, 1],
          ]),
        ],
        3,
      );
      const clipped = tf.where(tf.greater(joined, 0.1), joined, tf.zerosLike(joined));
      return tf.logSumExp(tf.mean(tf.maximum(clipped, tf.mul(joined, 0.3)), [1, 2]));
    });
    expectSame(
      step,
      seeds.map((seed) => ({ images: numbers(seed, [3, 16, 16, 2]), x: numbers(seed + 3, [3, 3, 2, 4]) })),
    );
  });

  test('Fourier transforms', () => {
    const step = gradientOf((x) => tf.sum(tf.square(tf.irfft2(tf.mul(tf.rfft2(x), 0.5), 12))));
    expectSame(
      step,
      seeds.map((seed) => ({ x: numbers(seed, [2, 10, 12]) })),
    );
  });

  test('results that are inputs, constants, or one tensor twice', () => {
    const step = ({ x }: TensorTree): TensorTree => {
      const y = tf.mul(x!, 2);
      return { x: x!, y, again: tf.reshape(y, [6, 1]), one: tf.ones([2, 2]), scalar: tf.scalar(3) };
    };
    expectSame(
      step,
      seeds.map((seed) => ({ x: numbers(seed, [2, 3]) })),
    );
  });

  test('traces again for other shapes and keeps each program', () => {
    let traces = 0;
    const compiled = compile(({ x }) => {
      traces++;
      return { y: tf.sum(x!) };
    });
    const [small, large] = [numbers(1, [3]), numbers(1, [8])];
    for (let i = 0; i < 5; i++) {
      expect(compiled({ x: small }).y!.data[0]).toBeCloseTo(
        small.data.reduce((a, b) => a + b, 0),
        5,
      );
      expect(compiled({ x: large }).y!.data[0]).toBeCloseTo(
        large.data.reduce((a, b) => a + b, 0),
        5,
      );
    }
    // Once to record and once to compare, for each shape.
    expect(traces).toBe(4);
    expect(compiled.report().programs).toBe(2);
    compiled.dispose();
    expect(compiled.report().programs).toBe(0);
  });

  test('an element-wise chain is one call of the program, and a call of no use is left out', () => {
    const compiled = compile(({ x }) => {
      tf.matMul(tf.reshape(x!, [10, 10]), tf.reshape(x!, [10, 10]));
      return { y: tf.tanh(tf.add(tf.exp(tf.mul(x!, 0.5)), 1)) };
    });
    compiled({ x: numbers(1, [100]) });
    expect(compiled.report().calls).toBe(1);
    compiled.dispose();
  });

  test('what depends on no input is computed once', () => {
    const compiled = compile(({ x }) => {
      const mask = tf.matMul(tf.eye(10), tf.transpose(tf.exp(tf.zeros([10, 10]))));
      return { y: tf.matMul(x as tf.Tensor2D, mask as tf.Tensor2D) };
    });
    compiled({ x: numbers(1, [10, 10]) });
    expect(compiled.report().calls).toBe(1);
    compiled.dispose();
  });

  test('leaks no tensors, and no memory once disposed', () => {
    const step = gradientOf((x) => tf.sum(tf.tanh(x)));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) {
      const compiled = compile(step);
      for (let k = 0; k < 50; k++) compiled({ x: numbers(k, [1 + (k % 20), 3]) });
      expect(compiled.report().programs).toBe(16);
      compiled.dispose();
    }
    expect(() => compile(({ x }) => ({ y: tf.sin(tf.exp(x!)) }))({ x: numbers(1, [5]) })).toThrow();
    expect(() => compile(gradientOf((x) => tf.sin(tf.exp(x))))({ x: numbers(1, [5]) })).toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });
});

const refusals: [string, (inputs: TensorTree) => TensorTree, string][] = [
  [
    'reading data',
    ({ x }) => ({ y: tf.mul(x!, tf.exp(x!).dataSync()[0]!) }),
    'step must not read data (dataSync, data, print) that depends on its inputs; it reads the result of Exp',
  ],
  [
    'control flow on data',
    ({ x }) => ({ y: tf.sum(x!).dataSync()[0]! > 0 ? x! : tf.neg(x!) }),
    'it reads the result of Sum. Return the tensor and read it outside, and choose by tf.where',
  ],
  [
    'a kernel of the CPU backend',
    ({ x }) => ({ y: tf.sin(x!) }),
    'step must use ops that run in C kernels; Sin does not for these arguments',
  ],
  ['a power that falls back', ({ x }) => ({ y: tf.pow(x!, 2.7) }), 'Pow does not for these arguments'],
  ['a power by a tensor', ({ x }) => ({ y: tf.pow(x!, tf.sum(x!)) }), 'Pow does not for these arguments'],
  [
    'another compiled step',
    ({ x }) => ({ y: tf.add(x!, compile(({ z }) => ({ z: z! }))({ z: numbers(1, [2]) }).z!.data[0]!) }),
    'step must not compile another; call its function instead',
  ],
  [
    'an integer result',
    ({ x }) => ({ y: tf.greater(x!, 0) }),
    'y must be a float32 tensor, as every result of the step; got bool',
  ],
];

describe.each(COMPILING)('refusals on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  test.each(refusals)('%s', (_name, step, message) => {
    const before = tf.memory().numTensors;
    expect(() => compile(step)({ x: numbers(1, [4]) })).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    // Nothing of the trace stays behind.
    expect(tf.tidy(() => tf.sin(tf.tensor1d([0])).dataSync()[0])).toBe(0);
  });

  test('a constant that changes from call to call', () => {
    let count = 0;
    const compiled = compile(({ x }) => ({ y: tf.mul(tf.exp(x!), ++count) }));
    compiled({ x: numbers(1, [4]) });
    const message =
      'tensors.compile: step must do the same at every call; Multiply differs between the first two';
    expect(() => compiled({ x: numbers(1, [4]) })).toThrow(message);
    // A caller who goes on all the same is refused again, and never given the numbers of the first call.
    expect(() => compiled({ x: numbers(1, [4]) })).toThrow(message);
  });

  test('another op at the second call', () => {
    let isFirst = true;
    const compiled = compile(({ x }) => {
      const y = isFirst ? tf.exp(x!) : tf.log(x!);
      isFirst = false;
      return { y };
    });
    compiled({ x: numbers(1, [4]) });
    expect(() => compiled({ x: numbers(1, [4]) })).toThrow('Exp differs between the first two');
  });

  test('an array that does not fit its shape', () => {
    const compiled = compile(({ x }) => ({ y: tf.exp(x!) }));
    compiled({ x: numbers(1, [4]) });
    expect(() => compiled({ x: { shape: [4], data: new Float32Array(3) } })).toThrow(/3/);
    compiled({ x: numbers(1, [4]) });
    expect(() => compiled({ x: { shape: [4], data: new Float32Array(3) } })).toThrow(
      'tensors.compile: x must hold 4 values for shape [4]; got 3.',
    );
  });

  test('reading a constant is fine', () => {
    const compiled = compile(({ x }) => ({ y: tf.mul(x!, tf.exp(tf.scalar(0)).dataSync()[0]!) }));
    const x = numbers(1, [4]);
    expect(compiled({ x }).y!.data).toEqual(x.data);
  });
});

test('the cpu backend has nothing to compile to', async () => {
  await initTensors({ backend: 'cpu' });
  expect(() => compile(({ x }) => ({ x: x! }))({ x: numbers(1, [4]) })).toThrow(
    'tensors.compile: backend must be native or wasm; got cpu. Run the step uncompiled.',
  );
});
