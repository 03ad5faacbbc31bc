import { keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { tarp } from '../src/index.ts';
import { FAULTS, toyInference } from './_toy-inference.ts';

const key = keyOf(5);

describe('tarp', () => {
  it('a right posterior passes, within the bootstrap errors', () => {
    const curve = tarp({ ...toyInference(2), key });
    expect(curve.pValue).toBeGreaterThan(0.01);
    expect(Math.abs(curve.areaToCurve)).toBeLessThan(4 * curve.areaToCurveSd);
    curve.levels.forEach((level, i) => {
      // Binomial: the bootstrap must know the error of a share of 500.
      if (level > 0.1 && level < 0.9) {
        expect(curve.coverageSd[i]).toBeCloseTo(Math.sqrt((level * (1 - level)) / 500), 2);
        expect(Math.abs(curve.coverage[i] - level)).toBeLessThan(5 * curve.coverageSd[i]);
      }
    });
  });

  it.each(FAULTS.filter(([, { shift }]) => !shift))('a posterior %s fails', (_, fault) => {
    expect(tarp({ ...toyInference(2, fault), key }).pValue).toBeLessThan(0.001);
  });

  it('a shift fails: of 1.5 sd with points on all sides, of 0.5 sd with points on one side', () => {
    expect(tarp({ ...toyInference(2, { shift: 1.5 }), key }).pValue).toBeLessThan(0.001);
    const toy = toyInference(2, { shift: 0.5 });
    const references = { shape: toy.theta.shape, data: toy.theta.data.map(() => 3) };
    expect(tarp({ ...toy, key, references }).pValue).toBeLessThan(0.001);
  });

  it('passes a right posterior whose parameters were drawn with the same key', () => {
    expect(tarp({ ...toyInference(2), key: keyOf(2) }).pValue).toBeGreaterThan(0.01);
  });

  it('the area tells too wide from too narrow', () => {
    const areaOf = (width: number) => tarp({ ...toyInference(2, { width }), key });
    const [wide, narrow] = [areaOf(1.5), areaOf(1 / 1.5)];
    expect(wide.areaToCurve).toBeGreaterThan(4 * wide.areaToCurveSd);
    expect(narrow.areaToCurve).toBeLessThan(-4 * narrow.areaToCurveSd);
  });

  it('does not depend on the units of the parameters', () => {
    const toy = toyInference(2);
    const scale = ({ shape, data }: typeof toy.theta) => ({
      shape,
      data: data.map((v, i) => (i % 2 ? 1e4 * v + 7 : v)),
    });
    const curve = tarp({ samples: scale(toy.samples), theta: scale(toy.theta), key });
    expect(curve.coverage).toEqual(tarp({ ...toy, key }).coverage);
  });

  it('takes reference points, and refuses ones that do not fit', () => {
    const toy = toyInference(2);
    const references = { shape: toy.theta.shape, data: toy.theta.data.map(() => 0.3) };
    expect(tarp({ ...toy, key, references }).pValue).toBeGreaterThan(0.01);
    expect(() => tarp({ ...toy, key, references: { shape: [1, 2], data: new Float64Array(2) } })).toThrow(
      'diagnostics.tarp: references must have the shape of theta; got [1, 2].',
    );
  });

  it('refuses a parameter that never varies', () => {
    const samples = { shape: [3, 2, 1], data: new Float64Array(6) };
    const theta = { shape: [3, 1], data: Float64Array.of(2, 2, 2) };
    expect(() => tarp({ samples, theta, key })).toThrow(
      'theta must vary in every parameter; got 2 always in column 0.',
    );
  });
});
