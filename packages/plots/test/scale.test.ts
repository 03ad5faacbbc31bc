import { describe, expect, it } from 'vitest';
import { linearScale, logScale, paddedDomain, paddedLogDomain } from '../src/scale.ts';

const labels = (ticks: readonly { label: string }[]): string[] => ticks.map((tick) => tick.label);

describe('linearScale', () => {
  it('takes the ends of the domain to the ends of the range', () => {
    const scale = linearScale([2, 4], [100, 0]);
    expect([scale.position(2), scale.position(3), scale.position(4)]).toEqual([100, 50, 0]);
  });

  it('labels round values with the decimals that tell them apart', () => {
    expect(labels(linearScale([0.21, 0.34], [0, 1]).ticks(3))).toEqual(['0.25', '0.30']);
    expect(labels(linearScale([-2, 2], [0, 1]).ticks(4))).toEqual(['−2', '−1', '0', '1', '2']);
    expect(labels(linearScale([-0.1, 0.1], [0, 1]).ticks(4))).toEqual([
      '−0.10',
      '−0.05',
      '0.00',
      '0.05',
      '0.10',
    ]);
  });

  it('writes powers of ten for very large and very small numbers', () => {
    expect(labels(linearScale([0, 4e-6], [0, 1]).ticks(2))).toEqual(['0', '2×10^{−6}', '4×10^{−6}']);
    expect(labels(linearScale([0, 200_000], [0, 1]).ticks(2))).toEqual(['0', '1×10^{5}', '2×10^{5}']);
  });
});

describe('logScale', () => {
  it('spaces decades equally', () => {
    const scale = logScale([1, 100], [0, 10]);
    expect(scale.position(10)).toBeCloseTo(5, 12);
  });

  it('labels decades', () => {
    expect(labels(logScale([0.5e-6, 2e-4], [0, 1]).ticks(5))).toEqual(['10^{−6}', '10^{−5}', '10^{−4}']);
    expect(labels(logScale([60, 6000], [0, 1]).ticks(5))).toEqual(['100', '1000']);
  });

  it('labels round multiples within a decade', () => {
    expect(labels(logScale([150, 900], [0, 1]).ticks(5))).toEqual(['200', '500']);
  });
});

it('pads domains, also of a single value', () => {
  expect(paddedDomain(0, 10, 0.1)).toEqual([-1, 11]);
  const [low, high] = paddedDomain(3, 3);
  expect(low).toBeLessThan(3);
  expect(high).toBeGreaterThan(3);
  const [a, b] = paddedLogDomain(1, 100, 0.5);
  expect(a).toBeCloseTo(0.1, 12);
  expect(b).toBeCloseTo(1000, 9);
});
