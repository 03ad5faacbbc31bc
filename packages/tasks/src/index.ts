export type { SimulationFailure } from '@lensfield/contracts';
export {
  type LotkaVolterraOptions,
  lotkaVolterra,
  sbibmLotkaVolterra,
} from './lotka-volterra/lotka-volterra.ts';
export { gaussianLinear } from './sbibm/gaussian-linear.ts';
export { gaussianLinearUniform } from './sbibm/gaussian-linear-uniform.ts';
export { SBIBM_TASKS } from './sbibm/sbibm-tasks.ts';
export { sir } from './sbibm/sir.ts';
export { sbibmTwoMoons } from './sbibm/two-moons.ts';
export {
  type SimulateManyOptions,
  type SimulationBatch,
  simulateMany,
} from './simulate-many.ts';
export type { Task, TaskObservation } from './task.ts';
export { type TwoMoonsDensity, twoMoonsDensity } from './two-moons-density.ts';
