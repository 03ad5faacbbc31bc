// Writes src/shift/generated/sbi-lens-shift-grid.ts. In packages/lognormal, after a build: `node scripts/generate-shift-grid.mjs`,
// about ten seconds.
import { writeFileSync } from 'node:fs';
import { sbiLensGridNodes, sbiLensGridShifts } from '../dist/index.js';

const shifts = sbiLensGridShifts(sbiLensGridNodes());
const rows = Array.from({ length: shifts.length / 5 }, (_, i) =>
  Array.from(shifts.subarray(5 * i, 5 * i + 5), (x) => Number(x.toPrecision(8))).join(', '),
);
writeFileSync(
  new URL('../src/shift/generated/sbi-lens-shift-grid.ts', import.meta.url),
  `// Made by scripts/generate-shift-grid.mjs from src/shift/sbi-lens-grid.ts.
/** Shifts of five bins on 8 x 8 x 8 nodes, shape [sigma_8, omega_m, w_0, bin]. */
export const SBI_LENS_SHIFT_GRID: Float64Array = Float64Array.of(
  ${rows.join(',\n  ')},
);
`,
);
