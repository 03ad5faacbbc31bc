import { readFileSync } from 'node:fs';
import { hasReference, referenceFile } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import { SBI_LENS_SHIFT_GRID } from '../src/shift/generated/sbi-lens-shift-grid.ts';
import { sbiLensGridNodes, sbiLensGridShifts } from '../src/shift/sbi-lens-grid.ts';
import { sbiLensShifts } from '../src/shift/sbi-lens-shifts.ts';

const PUBLIC_TABLE = 'sbi_lens/lognormal_shifts_LSSTY10_om_s8_w_bin.npy';
const FIDUCIAL = [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1];

describe('the grid of sbi_lens', () => {
  it('is what the recipe gives at a sample of its nodes', () => {
    const nodes = sbiLensGridNodes();
    const sample = [0, 77, 200, 311, 450, 511];
    const shifts = sbiLensGridShifts(sample.map((i) => nodes[i]!));
    sample.forEach((node, i) => {
      // Eight digits are kept; the rest is the arithmetic of another machine.
      for (let bin = 0; bin < 5; bin++) {
        expect(Math.abs(shifts[5 * i + bin]! / SBI_LENS_SHIFT_GRID[5 * node + bin]! - 1)).toBeLessThan(1e-6);
      }
    });
  });

  it.skipIf(!hasReference(PUBLIC_TABLE))(
    'agrees with the public table within 2e-4 (skipped without it)',
    () => {
      const bytes = readFileSync(referenceFile(PUBLIC_TABLE));
      const start = 10 + bytes.readUInt16LE(8);
      const table = new Float64Array(
        bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length),
      );
      const nodes = sbiLensGridNodes();
      expect(table).toHaveLength(nodes.length * 25);
      nodes.forEach(([omegaM, sigma8, w0], node) => {
        for (let bin = 0; bin < 5; bin++) {
          const row = 25 * node + 5 * bin;
          [omegaM, sigma8, w0, bin].forEach((value, i) => {
            expect(table[row + i]).toBeCloseTo(value, 6);
          });
          expect(Math.abs(SBI_LENS_SHIFT_GRID[5 * node + bin]! / table[row + 4]! - 1)).toBeLessThan(2e-4);
        }
      });
    },
  );
});

describe('sbiLensShifts', () => {
  it('reads the grid as the reference does', () => {
    // The public table through the look-up of sbi_lens at the fiducial point.
    const expected = [0.0070643, 0.020041, 0.0366273, 0.0611466, 0.1147752];
    const { values } = sbiLensShifts(FIDUCIAL);
    expected.forEach((shift, bin) => {
      expect(Math.abs(values[bin]! / shift - 1)).toBeLessThan(2e-4);
    });
  });

  it('reads it correctly where told to', () => {
    // The public table by trilinear interpolation at the fiducial point.
    const expected = [0.00527, 0.01524, 0.02872, 0.04965, 0.09753];
    const { values } = sbiLensShifts(FIDUCIAL, 'correct');
    // Five digits are known.
    expected.forEach((shift, bin) => {
      expect(Math.abs(values[bin]! - shift)).toBeLessThan(6e-6 + 2e-4 * shift);
    });
    // On a node the entry of that node.
    const node = 3 * 64 + 2 * 8 + 5;
    const [omegaM, sigma8, w0] = sbiLensGridNodes()[node]!;
    const there = sbiLensShifts([omegaM - 0.05, 0.05, sigma8, 0.7, 1, w0], 'correct').values;
    there.forEach((shift, bin) => {
      expect(Math.abs(shift / SBI_LENS_SHIFT_GRID[5 * node + bin]! - 1)).toBeLessThan(1e-12);
    });
  });

  it.each(['reference', 'correct'] as const)('has an exact Jacobian inside a cell, %s reading', (reading) => {
    const { jacobian } = sbiLensShifts(FIDUCIAL, reading);
    for (let p = 0; p < 6; p++) {
      const at = (x: number) =>
        sbiLensShifts(
          FIDUCIAL.map((value, i) => (i === p ? value + x : value)),
          reading,
        ).values;
      const [above, below] = [at(1e-4), at(-1e-4)];
      for (let bin = 0; bin < 5; bin++) {
        // Linear in each coordinate: exact up to rounding of the difference.
        expect(Math.abs((above[bin]! - below[bin]!) / 2e-4 - jacobian[5 * p + bin]!)).toBeLessThan(1e-11);
      }
    }
  });

  it('holds coordinates at the edges of the grid, with no slope there', () => {
    const far = sbiLensShifts([2, 0.05, 3, 0.7, 1, -5]);
    const edge = sbiLensShifts([0.84, 0.05, 1.29, 0.7, 1, -1.99]);
    expect(Array.from(far.values)).toEqual(Array.from(edge.values));
    expect(far.jacobian.every((slope) => slope === 0)).toBe(true);
  });

  it('refuses NaN and wrong lengths', () => {
    expect(() => sbiLensShifts([0.3])).toThrow(/6 finite/);
    expect(() => sbiLensShifts([Number.NaN, 0.05, 0.8, 0.7, 1, -1])).toThrow(/6 finite/);
  });
});
