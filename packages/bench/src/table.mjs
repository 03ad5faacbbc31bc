/** A table in columns of these names and widths: its head, and a line of cells. */
export function createTable(columns) {
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(columns[i][1])).join(' | ')} |`;
  const rule = `|${columns.map(([, width]) => '-'.repeat(width + 2)).join('|')}|`;
  return { head: `${line(columns.map(([name]) => name))}\n${rule}`, line };
}

const table = createTable([
  ['row', 24],
  ['threads', 7],
  ['ours, ms', 16],
  ['peer', 20],
  ['peer, ms', 16],
  ['ratio', 12],
  ['at most', 7],
  ['goal', 5],
]);

const number = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const percent = (value) => `${(100 * value).toFixed(0)} %`;
const bar = (value) => (value === null || value === undefined ? '' : value.toFixed(2));

export const tableHead = () => table.head;

/** A line of {@link measureRow}; in brackets the interquartile range over the median. */
export function tableLine(line) {
  const alone = line.peer === null;
  const ours = `${number(line.ours_ms)} (${percent(line.ours_spread ?? line.spread)})`;
  const beside = alone
    ? ['', '', '']
    : [
        line.peer,
        `${number(line.peer_ms)} (${percent(line.peer_spread)})`,
        `${line.ratio.toFixed(2)} (${percent(line.spread)})`,
      ];
  return table.line([line.name, String(line.threads), ours, ...beside, bar(line.at_most), bar(line.goal)]);
}
