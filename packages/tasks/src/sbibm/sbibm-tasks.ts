import { sbibmLotkaVolterra } from '../lotka-volterra/lotka-volterra.ts';
import type { Task } from '../task.ts';
import { gaussianLinear } from './gaussian-linear.ts';
import { gaussianLinearUniform } from './gaussian-linear-uniform.ts';
import { sir } from './sir.ts';
import { sbibmTwoMoons } from './two-moons.ts';

/** Tasks of the benchmark sbibm by its names, which are also those of its folders of observations and reference posteriors. */
export const SBIBM_TASKS = {
  gaussian_linear: gaussianLinear,
  gaussian_linear_uniform: gaussianLinearUniform,
  two_moons: sbibmTwoMoons,
  sir,
  lotka_volterra: sbibmLotkaVolterra,
} as const satisfies Readonly<Record<string, () => Task>>;
