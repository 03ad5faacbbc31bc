import { foldIn, keyOf, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { gaussianLinear, lotkaVolterra, simulateMany } from '../src/index.ts';

const task = lotkaVolterra();
const key = keyOf(11);
const n = 12;
const normal = normalFloat64(keyOf(3), 4 * n);
const theta = {
  shape: [n, 4],
  data: normal.map((u, i) => Math.exp([-0.125, -3, -0.125, -3][i % 4]! + 0.5 * u)),
};

describe('simulateMany', () => {
  test('simulation i is simulate(foldIn(key, i), theta_i), alone or with others', () => {
    const all = simulateMany(task, { key, theta, scores: true });
    expect(all.x.shape).toEqual([n, 20]);
    expect(all.scores!.shape).toEqual([n, 4]);
    for (const id of [0, 7]) {
      const row = theta.data.slice(4 * id, 4 * id + 4);
      const { x, score } = task.simulateWithScore(foldIn(key, id), row);
      expect(all.x.data.slice(20 * id, 20 * id + 20)).toEqual(x.data);
      expect(all.scores!.data.slice(4 * id, 4 * id + 4)).toEqual(score);
      const alone = simulateMany(task, { key, theta: { shape: [1, 4], data: row }, firstId: id });
      expect(alone.x.data).toEqual(x.data);
      expect(Array.from(alone.ids)).toEqual([id]);
      expect(alone.scores).toBeUndefined();
    }
  });

  test('failures are listed with their reason and everything is accounted for', () => {
    const data = theta.data.slice();
    data[4 * 5 + 1] = -1;
    const result = simulateMany(task, { key, theta: { shape: [n, 4], data }, firstId: 100 });
    expect(result.failures).toEqual([
      { id: 105, theta: data.slice(20, 24), reason: 'tasks.lotkaVolterra: beta must be above 0; got -1.' },
    ]);
    expect(Array.from(result.ids)).toEqual([100, 101, 102, 103, 104, 106, 107, 108, 109, 110, 111]);
    expect(result.theta.data.slice(20, 24)).toEqual(data.slice(24, 28));
    expect(result.x.shape).toEqual([n - 1, 20]);
  });

  test('wrong options are refused before anything starts', () => {
    const call = (options: object) => () => simulateMany(task, { key, theta, ...options });
    expect(call({ theta: { shape: [2, 3], data: new Float64Array(6) } })).toThrow(
      /theta must have shape \[n, 4\] for alpha, beta, gamma, delta; got \[2, 3\] with 6 values/,
    );
    expect(call({ firstId: -1 })).toThrow(/firstId must be an integer from 0 with ids below 2\^32; got -1/);
    const { simulateWithScore: _, ...withoutScore } = gaussianLinear();
    expect(() =>
      simulateMany(withoutScore, {
        key,
        theta: { shape: [1, 10], data: new Float64Array(10) },
        scores: true,
      }),
    ).toThrow(/scores must be left out/);
  });
});
