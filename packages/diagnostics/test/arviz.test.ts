import { readFileSync } from 'node:fs';
import { asFloat64, decodeNpy } from '@lensfield/io';
import { relativeError } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import {
  essBulk,
  essMean,
  essQuantile,
  essSd,
  essTail,
  mcseMean,
  mcseQuantile,
  mcseSd,
  rhat,
} from '../src/index.ts';

interface ArvizResult {
  readonly ess: Record<string, number>;
  readonly rhat: Record<string, number | null>;
  readonly mcse: Record<string, number | null>;
}

const folder = new URL('./fixtures/diagnostics/', import.meta.url);
const { cases } = JSON.parse(readFileSync(new URL('results.json', folder), 'utf8')) as {
  cases: Record<string, ArvizResult>;
};
const readDraws = (name: string) => asFloat64(decodeNpy(readFileSync(new URL(`${name}.npy`, folder))));

/** Only the order of sums differs from ArviZ, so rounding is all that remains; null stands for NaN. */
function expectClose(value: number, reference: number | null) {
  if (reference === null) expect(value).toBeNaN();
  else expect(relativeError(value, reference, 1e-300)).toBeLessThan(1e-9);
}

describe.each(Object.keys(cases))('as ArviZ 1.3.0 on %s', (name) => {
  const draws = readDraws(name);
  const reference = cases[name];

  it('effective sample sizes', () => {
    expectClose(essBulk(draws), reference.ess.bulk);
    expectClose(essTail(draws), reference.ess.tail);
    expectClose(essMean(draws), reference.ess.mean);
    expectClose(essSd(draws), reference.ess.sd);
    for (const p of [0.05, 0.5, 0.95]) expectClose(essQuantile(draws, p), reference.ess[`quantile_${p}`]);
  });

  it('R-hat', () => expectClose(rhat(draws), reference.rhat.rank));

  it('Monte Carlo standard errors', () => {
    expectClose(mcseMean(draws), reference.mcse.mean);
    expectClose(mcseSd(draws), reference.mcse.sd);
    expectClose(mcseQuantile(draws, 0.5), reference.mcse.median);
    for (const p of [0.05, 0.95]) expectClose(mcseQuantile(draws, p), reference.mcse[`quantile_${p}`]);
  });
});
