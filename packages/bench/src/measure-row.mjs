import { alternate } from './alternate.mjs';
import { nodeSide, peerSide } from './sides/child-side.mjs';
import { chromiumSide } from './sides/chromium-side.mjs';
import { median, spread } from './statistics.mjs';

const ONE_THREAD = ['wasm', 'chromium'];

/** WASM runs on one thread and is compared on one. */
const isMeant = ({ ours }, threads) => threads === 1 || !ONE_THREAD.includes(ours);

/** What starts each side that the comparisons need and the machine has. */
function startersOf(row, comparisons, threads, { python, chromium }) {
  const names = new Set(comparisons.flatMap(({ ours, peer }) => [ours, peer].flat()));
  const starters = {};
  for (const name of names) {
    if (name === 'chromium') {
      if (chromium) starters[name] = () => chromiumSide(row, chromium);
    } else if (row.peers[name]) {
      if (python) starters[name] = () => peerSide(row, name, threads, python);
    } else starters[name] = () => nodeSide(row, name, threads);
  }
  return starters;
}

/** Starts what can be started; says of the others why they are left out. */
async function started(starters, failed) {
  const sides = {};
  for (const [name, start] of Object.entries(starters)) {
    try {
      sides[name] = await start();
    } catch (error) {
      failed(name, error);
    }
  }
  return sides;
}

function lineOf(row, threads, times, { ours, peer, atMost, goal }) {
  const line = { name: `${row.name}/${ours}`, threads, ours_ms: median(times[ours]) };
  const present = [peer].flat().filter((name) => times[name]);
  if (present.length === 0)
    return { ...line, peer: null, peer_ms: null, ratio: null, spread: spread(times[ours]) };
  const [best] = present.toSorted((a, b) => median(times[a]) - median(times[b]));
  const ratios = times[ours].map((ms, round) => ms / times[best][round]);
  return {
    ...line,
    peer: best,
    peer_ms: median(times[best]),
    ratio: line.ours_ms / median(times[best]),
    spread: spread(ratios),
    ours_spread: spread(times[ours]),
    peer_spread: spread(times[best]),
    at_most: atMost ?? null,
    goal: goal ?? null,
  };
}

/** One line a comparison; of those without their peer, one a backend, and only where nothing else shows it. */
function linesOf(row, threads, times, comparisons) {
  const all = comparisons.filter(({ ours }) => times[ours]).map((c) => lineOf(row, threads, times, c));
  const shown = (name) => {
    const same = all.filter((line) => line.name === name);
    return same.find(({ peer }) => peer !== null) ?? same[0];
  };
  return all.filter((line) => line.peer !== null || line === shown(line.name));
}

/**
 * Measures a row at one number of threads, all its sides in turn.
 *
 * @param machine  { python, chromium }: paths, undefined where there is none.
 * @param report   Receives a sentence on each side that cannot run.
 * @returns        Lines of the table, as `--json` prints them.
 */
export async function measureRow(row, comparisons, { threads, seconds, machine, report }) {
  const meant = comparisons.filter((comparison) => isMeant(comparison, threads));
  const failed = (name, error) =>
    report(`${row.name}, ${threads} thread(s): ${name} is left out: ${error.message}`);
  const sides = await started(startersOf(row, meant, threads, machine), failed);
  try {
    return linesOf(row, threads, await alternate(sides, { seconds, failed }), meant);
  } finally {
    for (const side of Object.values(sides)) side.close();
  }
}
