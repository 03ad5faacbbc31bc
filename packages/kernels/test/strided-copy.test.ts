import { describe, expect, it } from 'vitest';
import { copyStrided, gatherRows, keyOf, loadEveryKernels, scatterAddRows, uniform } from '../src/index.ts';

const engines = await loadEveryKernels();

describe.each(engines)('strided copies on $backend', (kernels) => {
  it('transpose planes of every shape, also those that are shared between threads', () => {
    for (const [rows, columns] of [
      [3, 5],
      [40, 33],
      [300, 500],
    ] as const) {
      const x = uniform(keyOf(8), rows * columns);
      const output = new Float32Array(rows * columns);
      copyStrided(kernels, x, output, [
        [columns, 1, rows],
        [rows, columns, 1],
      ]);
      const wrong = output.findIndex((v, i) => v !== x[(i % rows) * columns + Math.floor(i / rows)]);
      expect(wrong).toBe(-1);
    }
  });

  it('reverse, repeat and place with offsets', () => {
    const x = Float32Array.of(1, 2, 3);
    const output = new Float32Array(8);
    copyStrided(kernels, x, output, [[3, -1, 1]], { fromOffset: 2, toOffset: 1 });
    expect([...output]).toEqual([0, 3, 2, 1, 0, 0, 0, 0]);
    copyStrided(kernels, x, output, [
      [2, 0, 4],
      [2, 1, 2],
    ]);
    expect([...output]).toEqual([1, 3, 2, 1, 1, 0, 2, 0]);
  });

  it('refuse to leave an array', () => {
    const x = new Float32Array(3);
    expect(() => copyStrided(kernels, x, new Float32Array(2), [[3, 1, 1]])).toThrow(
      'kernels.copyStrided: to must hold offsets 0 to 2; got 2 elements.',
    );
    expect(() => copyStrided(kernels, x, x, [[3, -1, 1]], { fromOffset: 1 })).toThrow(
      'from must hold offsets -1 to 1',
    );
  });

  it('gather rows, and add them back by the transpose', () => {
    const x = Float32Array.of(0, 1, 10, 11, 20, 21);
    const indices = Int32Array.of(2, 0, 2);
    const gathered = new Float32Array(6);
    gatherRows(kernels, x, indices, gathered, { outer: 1, size: 3, inner: 2 });
    expect([...gathered]).toEqual([20, 21, 0, 1, 20, 21]);
    const added = new Float32Array(6).fill(Number.NaN);
    scatterAddRows(kernels, gathered, indices, added, { size: 3, inner: 2 });
    expect([...added]).toEqual([0, 1, 0, 0, 40, 42]);
    expect(() => gatherRows(kernels, x, Int32Array.of(3), gathered, { outer: 1, size: 3, inner: 2 })).toThrow(
      'kernels.gatherRows: indices must lie in [0, 3); got 3.',
    );
  });
});
