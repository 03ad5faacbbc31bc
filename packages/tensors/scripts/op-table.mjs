// `npm run op-table`: runs the op suite on every backend and writes the table of its results into packages/tensors/README.md, between
// the two comments that name it. Every backend must load: `npm run tensorflow` builds the one that may be missing.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BACKENDS = ['native', 'tensorflow', 'wasm', 'cpu'];
const BEGIN = '<!-- op table: written by `npm run op-table` -->';
const END = '<!-- end of op table -->';
const root = new URL('../../../', import.meta.url);
const readme = new URL('../README.md', import.meta.url);
const results = new URL('build/op-results.json', root);

function runSuite() {
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      'packages/tensors/test/gradients.test.ts',
      '--reporter=json',
      `--outputFile.json=${fileURLToPath(results)}`,
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (status === null) throw new Error('op-table: the op suite must end; it was stopped.');
}

/** Per row and backend: how many cases there are, and for value, first and second derivative in how many it is right. */
function tally(tests) {
  const rows = new Map();
  for (const { ancestorTitles, meta } of tests) {
    if (meta.opDeviations === undefined) continue;
    const { row, value, slope, curvature } = meta.opDeviations;
    const backend = ancestorTitles[0].replace('ops on ', '');
    if (!rows.has(row)) rows.set(row, Object.fromEntries(BACKENDS.map((name) => [name, []])));
    rows.get(row)[backend].push([value, slope, curvature]);
  }
  return rows;
}

/** The orders of derivative that are right in every case; otherwise in how many of them. */
function cell(cases) {
  if (cases.length === 0) return 'not run';
  const orders = [0, 1, 2].map((order) => {
    const tested = cases.map((deviations) => deviations[order]).filter((value) => value !== undefined);
    const right = tested.filter((deviation) => deviation < 1);
    if (tested.length === 0) return '';
    return right.length === tested.length ? `${order}` : `${order} in ${right.length} of ${tested.length}`;
  });
  return orders.filter(Boolean).join(' ');
}

function isRight(cases) {
  return cases.length > 0 && cases.flat().every((deviation) => deviation === undefined || deviation < 1);
}

function tableOf(rows) {
  const numCases = (row) => Math.max(...Object.values(row).map(({ length }) => length));
  const entries = [...rows];
  const total = entries.reduce((sum, [, row]) => sum + numCases(row), 0);
  const rightOn = (backend) => entries.filter(([, row]) => isRight(row[backend])).length;
  const lines = [
    ['op', 'cases', ...BACKENDS],
    ['---', '---', ...BACKENDS.map(() => '---')],
    ...entries.map(([name, row]) => [
      `\`${name}\``,
      numCases(row),
      ...BACKENDS.map((backend) => cell(row[backend])),
    ]),
    ['all right', total, ...BACKENDS.map((backend) => `${rightOn(backend)} of ${rows.size}`)],
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

runSuite();
const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
const rows = tally(testResults.flatMap(({ assertionResults }) => assertionResults));
const idle = BACKENDS.filter((backend) => [...rows.values()].every((row) => row[backend].length === 0));
if (rows.size === 0 || idle.length > 0) {
  console.error(
    `op-table: every backend must load; got no results on ${idle.join(', ')} (npm run tensorflow).`,
  );
  process.exit(1);
}
const text = readFileSync(readme, 'utf8');
const [before, rest] = text.split(BEGIN);
const after = rest?.split(END)[1];
if (after === undefined) throw new Error(`op-table: README.md must hold ${BEGIN} and ${END}.`);
writeFileSync(readme, `${before}${BEGIN}\n\n${tableOf(rows)}\n\n${END}${after}`);
console.log(`op-table: ${rows.size} rows written to packages/tensors/README.md`);
