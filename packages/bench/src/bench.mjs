// `npm run bench`: our times beside those of the peers, measured alternately in one run.
//   --json          one JSON line a row instead of the table
//   --only NAME     rows whose name contains it (may be given again): gemm-1024, fft-64/wasm, resnet18, ...
//   --threads N     default: 1, then all
//   --seconds S     for each side of a row, default 4; slow steps run five rounds in any case
//   --alone         ours in Node, without peers and browser
// Peers come from `npm run bench:peers`, or from the interpreter that LENSFIELD_PEERS_PYTHON names; Chromium from LENSFIELD_CHROMIUM or the path.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureRow } from './measure-row.mjs';
import { findPeers } from './peers-environment.mjs';
import { ROWS } from './rows/index.mjs';
import { findChromium } from './sides/chromium-side.mjs';
import { tableHead, tableLine } from './table.mjs';

/** Of a minute, of a machine that does nothing else. */
const IDLE_LOAD = 0.5;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [''] },
    threads: { type: 'string', multiple: true, default: [...new Set(['1', String(availableParallelism())])] },
    seconds: { type: 'string', default: '4' },
    alone: { type: 'boolean', default: false },
  },
});

function refuse(sentence) {
  console.error(`bench: ${sentence}`);
  process.exit(2);
}

const lineNames = (row) => row.comparisons.map(({ ours }) => `${row.name}/${ours}`);

function chosenRows() {
  const isChosen = (name) => options.only.some((text) => name.includes(text));
  const chosen = ROWS.flatMap((row) => {
    const comparisons = row.comparisons.filter(({ ours }) => isChosen(`${row.name}/${ours}`));
    return comparisons.length > 0 ? [{ row, comparisons }] : [];
  });
  if (chosen.length > 0) return chosen;
  const names = [...new Set(ROWS.flatMap(lineNames))].join(', ');
  return refuse(`--only must name one of ${names}; got ${options.only.join(', ')}.`);
}

function requirePositive(name, value) {
  if (!(Number(value) > 0)) refuse(`--${name} must be a number above 0; got ${value}.`);
  return Number(value);
}

function findMachine(report) {
  if (options.alone) return {};
  const machine = { python: findPeers(), chromium: findChromium() };
  if (!machine.python)
    report('the peers have no environment: ours are measured alone. npm run bench:peers makes one.');
  if (!machine.chromium) report('no Chromium on the path: rows of the browser are left out.');
  return machine;
}

const report = (sentence) => console.error(`bench: ${sentence}`);
const chosen = chosenRows();
const threadCounts = options.threads.map((count) => requirePositive('threads', count));
const seconds = requirePositive('seconds', options.seconds);
const machine = findMachine(report);
const load = loadavg()[0];
if (load > IDLE_LOAD) report(`the machine does other work (load ${load.toFixed(1)}): the times mean little.`);
if (!options.json) {
  console.log(
    `${cpus()[0].model}, ${availableParallelism()} cores, load ${load.toFixed(1)} at the start, Node ${process.version}`,
  );
  console.log(
    'Times: median of a step; in brackets the interquartile range over the median; ratio: ours over theirs.\n',
  );
  console.log(tableHead());
}
const rounded = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);
let isEmpty = true;
for (const { row, comparisons } of chosen)
  for (const threads of threadCounts)
    for (const line of await measureRow(row, comparisons, { threads, seconds, machine, report })) {
      console.log(options.json ? JSON.stringify(line, rounded) : tableLine(line));
      isEmpty = false;
    }
if (isEmpty) process.exitCode = 1;
