/**
 * How the elements of a chain are cut into axes: the lengths of its innermost axis, of its two innermost, ..., of all. Calls that see
 * the same elements under different axes share the finest cut.
 */
export type Domain = readonly number[];

const MAX_AXES = 3;

export function domainOf(sizes: readonly number[]): Domain {
  const lengths: number[] = [];
  let length = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    if (sizes[d] === 1) continue;
    length *= sizes[d]!;
    lengths.push(length);
  }
  return lengths.length > 0 ? lengths : [1];
}

/** Whether a chain can walk it. */
export const isWalkable = (domain: Domain): boolean => domain.length <= MAX_AXES;

/** The common refinement of two domains of the same length, if it is one of at most three axes. */
export function refined(a: Domain, b: Domain): Domain | undefined {
  if (a.at(-1) !== b.at(-1)) return undefined;
  const lengths = [...new Set([...a, ...b])].sort((x, y) => x - y);
  const nests = lengths.every((length, i) => i === 0 || length % lengths[i - 1]! === 0);
  return nests && isWalkable(lengths) ? lengths : undefined;
}

/** Sizes of the three axes [outer, inner, columns] of a chain. */
export function axesOf(domain: Domain): [number, number, number] {
  const padded = [...domain];
  while (padded.length < MAX_AXES) padded.push(padded.at(-1)!);
  return [padded[2]! / padded[1]!, padded[1]! / padded[0]!, padded[0]!];
}

/** Strides along the three axes of a chain, of an operand with `strides` along axes of `sizes`. */
export function stridesIn(
  domain: Domain,
  sizes: readonly number[],
  strides: readonly number[],
): [number, number, number] {
  const columns = domain[0]!;
  const rows = domain[1] ?? columns;
  return [strideAt(rows, sizes, strides), strideAt(columns, sizes, strides), strideAt(1, sizes, strides)];
}

/** Distance in the operand between elements that lie `step` apart in the output. */
function strideAt(step: number, sizes: readonly number[], strides: readonly number[]): number {
  let inner = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    const size = sizes[d]!;
    if (size !== 1 && step < inner * size) return strides[d]! * (step / inner);
    inner *= size;
  }
  return 0;
}

/** Whether strides along the axes of a domain walk an array element by element. */
export function isWholeWalk(domain: Domain, strides: readonly [number, number, number]): boolean {
  const [outer, inner, columns] = axesOf(domain);
  return (
    (outer === 1 || strides[0] === inner * columns) &&
    (inner === 1 || strides[1] === columns) &&
    (domain.at(-1) === 1 || strides[2] === 1)
  );
}
