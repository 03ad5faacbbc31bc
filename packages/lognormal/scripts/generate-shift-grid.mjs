// Writes src/shift/generated/sbi-lens-shift-grid.ts: `node scripts/generate-shift-grid.mjs` in packages/lognormal, about ten seconds.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { build } = createRequire(require.resolve('@lensfield/tooling/package.json'))('esbuild');
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../src/shift/sbi-lens-grid.ts', import.meta.url))],
  bundle: true,
  format: 'esm',
  platform: 'node',
  conditions: ['@lensfield/source'],
  write: false,
});
const source = `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`;
const { sbiLensGridNodes, sbiLensGridShifts } = await import(source);

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
