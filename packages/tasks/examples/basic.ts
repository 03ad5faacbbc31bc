import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { lotkaVolterra, SBIBM_TASKS, simulateMany } from '@lensfield/tasks';

// 1000 simulations of Lotka-Volterra with their joint scores, at parameters drawn from its log-normal prior.
const task = lotkaVolterra({ proposal: 'narrow' });
const names = task.parameterNames;
const theta = normalFloat64(keyOf(1), 1000 * names.length).map((u, i) => {
  const marginal = task.prior[names[i % names.length]];
  if (marginal.distribution !== 'logNormal')
    throw new Error(`expected logNormal; got ${marginal.distribution}`);
  return Math.exp(marginal.meanLog + marginal.sdLog * u);
});
const { x, scores, failures } = simulateMany(task, {
  key: keyOf(2),
  theta: { shape: [1000, names.length], data: theta },
  scores: true,
});
console.log('data', x.shape, 'scores', scores?.shape, 'failures', failures.length);

// A task with an exact posterior to compare yours with.
const moons = SBIBM_TASKS.two_moons();
const observation = moons.simulate(keyOf(3), Float64Array.of(0.2, -0.4)).x.data;
const draws = moons.posterior?.(observation).sample(keyOf(4), 1000);
console.log('exact draws', draws?.shape);
