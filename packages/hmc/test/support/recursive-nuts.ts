import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import { foldIn, normalFloat64, splitKey, uniformFloat64 } from '@lensfield/kernels';

/**
 * NUTS as written on paper, for small diagonal problems: every point is kept, trees are built by recursion, sums are taken anew over
 * the points of each stretch. It uses the random numbers in the order in which the package documents them, so that draws can be
 * compared one by one. Time and memory grow as 2^depth.
 */

interface Leaf {
  readonly q: number[];
  readonly p: number[];
  readonly energy: number;
}

interface Settings {
  readonly logDensityAndGradient: LogDensityAndGradient;
  readonly stepSize: number;
  readonly inverseMass: readonly number[];
  readonly maxTreeDepth: number;
}

export function recursiveNutsStep(key: Key, start: readonly number[], settings: Settings) {
  const [momentumKey, treeKey, leafKey] = splitKey(key, 3);
  const choices = uniformFloat64(treeKey, 2 * settings.maxTreeDepth);
  const z = normalFloat64(momentumKey, start.length);
  const first = leafAt(
    settings,
    [...start],
    [...z].map((value, i) => value / Math.sqrt(settings.inverseMass[i])),
  );
  const weigh = (leaf: Leaf) => Math.exp(first.energy - leaf.energy);

  // In the order of time, from the earliest to the latest point.
  let trajectory = [first];
  let chosen = first;
  let depth = 0;
  let isDivergent = false;
  let acceptanceSum = 0;
  let numSteps = 0;
  while (depth < settings.maxTreeDepth) {
    const direction = choices[2 * depth] < 0.5 ? 1 : -1;
    const seen: Leaf[] = [];
    const tree = buildTree(
      settings,
      first,
      direction > 0 ? trajectory.at(-1)! : trajectory[0],
      direction,
      depth,
      seen,
    );
    numSteps += seen.length;
    for (const leaf of seen) acceptanceSum += Number.isFinite(leaf.energy) ? Math.min(1, weigh(leaf)) : 0;
    isDivergent ||= seen.some((leaf) => !(leaf.energy - first.energy < 1000));
    if (tree === undefined) break;

    const uniforms = uniformFloat64(foldIn(leafKey, depth), seen.length);
    let total = 0;
    let offered = seen[0];
    seen.forEach((leaf, i) => {
      total += weigh(leaf);
      if (uniforms[i] < weigh(leaf) / total) offered = leaf;
    });
    const old = trajectory.reduce((sum, leaf) => sum + weigh(leaf), 0);
    if (choices[2 * depth + 1] < total / old) chosen = offered;
    const halves = direction > 0 ? [trajectory, tree] : [tree, trajectory];
    trajectory = [...halves[0], ...halves[1]];
    depth++;
    if (turns(settings, halves[0], halves[1])) break;
  }
  return { position: chosen.q, depth, numSteps, isDivergent, acceptanceRate: acceptanceSum / numSteps };
}

/** 2^depth new points beyond `edge` in the order of time; undefined if they diverge or turn. All points tried go into `seen`. */
function buildTree(
  settings: Settings,
  first: Leaf,
  edge: Leaf,
  direction: number,
  depth: number,
  seen: Leaf[],
): Leaf[] | undefined {
  if (depth === 0) {
    const leaf = leapfrog(settings, edge, direction);
    seen.push(leaf);
    return leaf.energy - first.energy < 1000 ? [leaf] : undefined;
  }
  const inner = buildTree(settings, first, edge, direction, depth - 1, seen);
  if (inner === undefined) return undefined;
  const outerEdge = direction > 0 ? inner.at(-1)! : inner[0];
  const outer = buildTree(settings, first, outerEdge, direction, depth - 1, seen);
  if (outer === undefined) return undefined;
  const [left, right] = direction > 0 ? [inner, outer] : [outer, inner];
  return turns(settings, left, right) ? undefined : [...left, ...right];
}

/** The three U-turn tests: the whole, the left half with the next point, the right half with the point before. */
function turns(settings: Settings, left: Leaf[], right: Leaf[]): boolean {
  const stretches = [
    [...left, ...right],
    [...left, right[0]],
    [left.at(-1)!, ...right],
  ];
  return stretches.some((stretch) => {
    // The way covered, by the trapezoidal rule: half of the momenta at both ends.
    const sum = stretch[0].p.map(
      (p, i) => stretch.reduce((total, leaf) => total + leaf.p[i], 0) - (p + stretch.at(-1)!.p[i]) / 2,
    );
    const along = (leaf: Leaf) =>
      leaf.p.reduce((total, p, i) => total + settings.inverseMass[i] * p * sum[i], 0);
    return along(stretch[0]) <= 0 || along(stretch.at(-1)!) <= 0;
  });
}

function leapfrog(settings: Settings, { q, p }: Leaf, direction: number): Leaf {
  const step = direction * settings.stepSize;
  const gradient = new Float64Array(q.length);
  settings.logDensityAndGradient(Float64Array.from(q), gradient);
  const half = p.map((value, i) => value + (step / 2) * gradient[i]);
  const moved = q.map((value, i) => value + step * settings.inverseMass[i] * half[i]);
  settings.logDensityAndGradient(Float64Array.from(moved), gradient);
  return leafAt(
    settings,
    moved,
    half.map((value, i) => value + (step / 2) * gradient[i]),
  );
}

function leafAt({ logDensityAndGradient, inverseMass }: Settings, q: number[], p: number[]): Leaf {
  const logDensity = logDensityAndGradient(Float64Array.from(q), new Float64Array(q.length));
  const kinetic = p.reduce((sum, value, i) => sum + (inverseMass[i] * value * value) / 2, 0);
  return { q, p, energy: kinetic - logDensity };
}
