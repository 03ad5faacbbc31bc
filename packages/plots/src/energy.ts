import type { FloatArray, NdArray } from '@lensfield/contracts';
import { type Place, requireFinite, requireLength, requireThat } from './arguments.ts';
import { chart } from './chart.ts';
import { kernelDensity, spreadOf } from './density-1d.ts';
import { curvePoints, filledCurve, strokedPath } from './path.ts';
import { OKABE_ITO } from './theme.ts';

export interface EnergyPlotOptions {
  /** Hamiltonian of each draw, shape [chains, draws]. */
  readonly energy: NdArray<FloatArray>;
  readonly title?: string;
  readonly width?: number;
  readonly height?: number;
}

const plot = 'energyPlot';

/**
 * The energies that a Hamiltonian sampler visited, about their mean, against the changes from draw to draw. Where the changes are
 * much narrower than the energies, the sampler explores the tails too slowly.
 *
 * @throws {InvalidArgumentError} if the shape is not [chains, draws >= 3] or a number is not finite.
 *
 * Source: Betancourt (2016), arXiv:1604.00695, section 4.
 */
export function energyPlot({ energy, title, width = 420, height = 280 }: EnergyPlotOptions): string {
  const at = (argument: string): Place => ({ plot, argument });
  const [numChains, numDraws] = energy.shape;
  const fits = energy.shape.length === 2 && numChains >= 1 && numDraws >= 3;
  requireThat(fits, at('energy'), 'have shape [chains, draws >= 3]', `[${energy.shape.join(', ')}]`);
  requireLength(energy.data, numChains * numDraws, at('energy.data'));
  requireFinite(energy.data, at('energy'));
  const [centred, changes] = energySets(energy.data, numChains, numDraws);
  const reach =
    1.05 * Math.max(...[centred, changes].flatMap((set) => spreadOf(set).quantiles.map(Math.abs)), 1e-12);
  const domain = [-reach, reach] as const;
  const curves = [centred, changes].map((set) => kernelDensity(set, { domain }));
  const peak = Math.max(...curves.flatMap((curve) => Array.from(curve.y)));
  const colours = [OKABE_ITO[0], OKABE_ITO[1]];
  return chart({
    width,
    height,
    title,
    description: `Energies of ${numChains} chains of ${numDraws} draws and their changes`,
    x: { domain, label: 'energy about its mean' },
    y: { domain: [0, peak * 1.1], label: 'density' },
    entries: [
      { label: 'energies', colour: colours[0], mark: 'patch' },
      { label: 'changes', colour: colours[1], mark: 'patch' },
    ],
    draw: (axes) =>
      curves
        .map(
          (curve, i) =>
            filledCurve(axes, curve.x, curve.y, colours[i], 0.18) +
            strokedPath(curvePoints(axes, curve.x, curve.y), { stroke: colours[i], width: 1.7 }),
        )
        .join(''),
  });
}

/** All energies less the mean of their chain, and all differences of successive energies. */
function energySets(data: FloatArray, numChains: number, numDraws: number): [Float64Array, Float64Array] {
  const centred: number[] = [];
  const changes: number[] = [];
  for (let c = 0; c < numChains; c++) {
    const chain = data.subarray(c * numDraws, (c + 1) * numDraws);
    const { mean } = spreadOf(Float64Array.from(chain));
    chain.forEach((value, t) => {
      centred.push(value - mean);
      if (t > 0) changes.push(value - chain[t - 1]);
    });
  }
  return [Float64Array.from(centred), Float64Array.from(changes)];
}
