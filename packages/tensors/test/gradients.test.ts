import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, tf } from '../src/index.ts';
import { missingBackends, tensorBackends } from './_backends.ts';
import { deviationsOf, opCases, rowOf } from './_op-suite.ts';
import { valueCases } from './_value-cases.ts';

describe.each(tensorBackends)('ops on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it.for(opCases.map((op) => [op.name, op] as const))(
    '%s: value, slope and curvature',
    ([, op], { task }) => {
      const before = tf.memory().numTensors;
      const deviations = deviationsOf(op);
      // Read by scripts/op-table.mjs.
      Object.assign(task.meta, { opDeviations: deviations });
      expect(deviations.value).toBeLessThan(1);
      expect(deviations.slope).toBeLessThan(1);
      expect(deviations.curvature).toBeLessThan(1);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it.for(valueCases.map((op) => [op.name, op] as const))('%s: value', ([, op], { task }) => {
    const before = tf.memory().numTensors;
    const values = tf.tidy(() => Array.from(op.apply().dataSync()));
    const isRight =
      values.length === op.expected.length && values.every((value, i) => value === op.expected[i]);
    const opDeviations = { row: rowOf(op.name), value: isRight ? 0 : Number.MAX_VALUE };
    Object.assign(task.meta, { opDeviations });
    expect(values.map((value) => value + 0)).toEqual(op.expected.map((value) => value + 0));
    expect(tf.memory().numTensors).toBe(before);
  });
});

it.skip.each(missingBackends)('ops on %s: %s', () => {});
