import { foldIn, keyOf, normalFloat64, uniformFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { type DivergentTrajectories, divergenceLocations } from '../src/index.ts';

const numChains = 4;
const numDraws = 500;
const names = ['a', 'b', 'c'];

/** Stationary chains of unit variance with a memory of `rho` per draw, [chains, draws, 3]. */
function chains(key: number, rho: number) {
  const data = normalFloat64(keyOf(key), numChains * numDraws * 3);
  for (let c = 0; c < numChains; c++) {
    for (let i = c * numDraws * 3 + 3; i < (c + 1) * numDraws * 3; i++) {
      data[i] = rho * data[i - 3] + Math.sqrt(1 - rho * rho) * data[i];
    }
  }
  return { shape: [numChains, numDraws, 3], data };
}

/** Divergences from the draws that `diverges` picks. */
function divergent(
  { data }: ReturnType<typeof chains>,
  diverges: (theta: Float64Array, at: number) => boolean,
): DivergentTrajectories[] {
  return Array.from({ length: numChains }, (_, c) => {
    const rows = Array.from({ length: numDraws }, (__, t) => (c * numDraws + t) * 3);
    const found = rows.filter((row) => diverges(data.subarray(row, row + 3), row));
    const starts = found.flatMap((row) => Array.from(data.subarray(row, row + 3)));
    return {
      draws: found.map((row) => row / 3 - c * numDraws),
      starts: { shape: [found.length, 3], data: Float64Array.from(starts) },
    };
  });
}

describe('divergenceLocations', () => {
  it('names the end of the parameter where divergences gather, and leaves the others alone', () => {
    const draws = chains(1, 0.5);
    const [a, b, c] = divergenceLocations(
      draws,
      divergent(draws, (theta) => theta[1] > 1.5),
      { names },
    );
    // Mean of a standard normal number above 1.5: phi(1.5) / (1 - Phi(1.5)) = 1.9386; sd 0.36: five errors of 130
    // draws worth 60 independent ones are 0.23.
    expect(b).toMatchObject({ name: 'b', end: 'high' });
    expect(Math.abs(b.offset - 1.9386)).toBeLessThan(0.23);
    expect(a.end).toBeUndefined();
    expect(c.end).toBeUndefined();
    const low = divergenceLocations(
      draws,
      divergent(draws, (theta) => theta[2] < -1.5),
      { names },
    );
    expect(low.map(({ end }) => end)).toEqual([undefined, undefined, 'low']);
  });

  it('finds nothing where divergences happen anywhere, also in bursts of chains with a long memory', () => {
    // 100 sets of chains, three parameters: false alarms at 0.01 would be 1 on average and above 5 in one of 1700 repeats.
    let alarms = 0;
    const burst = 10;
    for (let key = 0; key < 100; key++) {
      const draws = chains(100 + key, 0.95);
      const lot = uniformFloat64(foldIn(keyOf(9), key), (numChains * numDraws) / burst);
      const locations = divergenceLocations(
        draws,
        divergent(draws, (_, row) => lot[Math.floor(row / 3 / burst)] < 0.05),
        { names },
      );
      alarms += locations.some(({ end }) => end !== undefined) ? 1 : 0;
    }
    expect(alarms).toBeLessThanOrEqual(5);
  });

  it('is empty without divergences, and refuses shapes that do not fit', () => {
    const draws = chains(1, 0);
    expect(
      divergenceLocations(
        draws,
        divergent(draws, () => false),
        { names },
      ),
    ).toEqual([]);
    const some = divergent(draws, (theta) => theta[0] > 1);
    expect(() => divergenceLocations(draws, some, { names: ['a'] })).toThrow(
      'name every parameter, 3; got 1 names',
    );
    expect(() => divergenceLocations(draws, some.slice(1), { names })).toThrow(
      'one entry per chain, 4; got 3',
    );
    const cut = some.map((chain) => ({ ...chain, draws: [1] }));
    expect(() => divergenceLocations(draws, cut, { names })).toThrow('must have shape [1, 3]');
  });
});
