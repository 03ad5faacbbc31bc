import { createTable } from '../table.mjs';

const MOST_GARBAGE = 0.02;
const MOST_DIFFERENCE = 1e-4;

/** Growth in four columns. */
const table = createTable([
  ['network', 20],
  ['steps', 6],
  ['fallbacks', 9],
  ['tensors', 7],
  ['buffers', 7],
  ['pooled bytes', 12],
  ['array bytes', 11],
  ['garbage', 7],
  ['ms', 5],
  ['compared', 8],
  ['difference', 10],
  ['sizes', 5],
]);

export const enduranceHead = () => table.head;

function enduredCells(endured) {
  if (!endured) return ['', '', '', '', '', '', '', ''];
  const { steps, fallbacks, growth, garbageShare, milliseconds } = endured;
  const { numTensors, numDataBuffers, pooledBytes, arrayBytes } = growth;
  const counts = [steps, fallbacks, numTensors, numDataBuffers, pooledBytes, arrayBytes].map(String);
  return [...counts, `${(100 * garbageShare).toFixed(2)} %`, milliseconds.toPrecision(3)];
}

/** A line of the table, from what `endure` and `compare` tell; undefined where they were left out. */
export function enduranceLine({ name, sizes }, endured, compared) {
  const comparedCells = compared
    ? [String(compared.comparedSteps), compared.difference.toPrecision(1)]
    : ['', ''];
  return table.line([name, ...enduredCells(endured), ...comparedCells, sizes]);
}

/** Whether nothing fell back, grew or differed, and little time went into garbage. */
export function holds(endured, compared) {
  const keeps =
    !endured ||
    (endured.fallbacks === 0 &&
      Object.values(endured.growth).every((value) => value <= 0) &&
      endured.garbageShare < MOST_GARBAGE);
  return keeps && (!compared || compared.difference <= MOST_DIFFERENCE);
}
