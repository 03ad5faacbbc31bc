import { expect, it } from 'vitest';
import * as tasks from '../src/index.ts';

it('exports what it says and nothing else', () => {
  expect(Object.keys(tasks).sort()).toMatchInlineSnapshot(`
    [
      "SBIBM_TASKS",
      "gaussianLinear",
      "gaussianLinearUniform",
      "lotkaVolterra",
      "sbibmLotkaVolterra",
      "sbibmTwoMoons",
      "simulateMany",
      "sir",
      "twoMoonsDensity",
    ]
  `);
});

it('tasks of sbibm have its names, and a prior for each parameter in order', () => {
  for (const [name, task] of Object.entries(tasks.SBIBM_TASKS)) {
    expect(task().name).toBe(name);
    expect(Object.keys(task().prior)).toEqual(task().parameterNames);
  }
});
