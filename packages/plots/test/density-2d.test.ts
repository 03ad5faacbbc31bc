import { expect, it } from 'vitest';
import { kernelDensity2d } from '../src/density-2d.ts';
import { uniforms } from './gaussian-draws.ts';

it('stays flat up to bounds on every side', () => {
  const uniform = uniforms(1);
  const xs = Float64Array.from({ length: 200_000 }, uniform);
  const ys = Float64Array.from({ length: 200_000 }, uniform);
  const side = [-0.1, 1.1] as const;
  const unit = [0, 1] as const;
  const { values } = kernelDensity2d(xs, ys, { x: side, y: side, xBounds: unit, yBounds: unit, cells: 64 });
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  // Kernel of 0.047 in each direction: some 700 effective draws at a corner, five standard errors are 0.19.
  for (const value of values) expect(Math.abs(value / mean - 1)).toBeLessThan(0.19);
});

it('shares every pair inside out to cells', () => {
  const xs = Float64Array.of(0.02, 0.5, 0.97, 3);
  const ys = Float64Array.of(0.5, 0.01, 0.99, 0.5);
  const { counts } = kernelDensity2d(xs, ys, { x: [0, 1], y: [0, 1], cells: 10 });
  expect(counts.reduce((a, b) => a + b, 0)).toBeCloseTo(3, 12);
});
