import { type Numbers, type Place, requireLength, requireNumbers, requireThat } from './arguments.ts';
import { chart } from './chart.ts';
import { sequentialColours } from './colour-map.ts';
import { curvePoints, filledCurve, strokedPath } from './path.ts';

export interface RedshiftBin {
  readonly z: Numbers;
  /** Galaxies per unit redshift, same length as `z`. */
  readonly density: Numbers;
  readonly label?: string;
}

export interface RedshiftPlotOptions {
  readonly bins: readonly RedshiftBin[];
  readonly zMax?: number;
  readonly title?: string;
  readonly width?: number;
  readonly height?: number;
}

const plot = 'redshiftPlot';

/**
 * Redshift distributions n(z) of the source bins, from near (dark) to far.
 *
 * @throws {InvalidArgumentError} if there is no bin, lengths differ, or a number is negative or not finite.
 */
export function redshiftPlot({ bins, zMax, title, width = 640, height = 300 }: RedshiftPlotOptions): string {
  requireThat(bins.length > 0, { plot, argument: 'bins' }, 'hold at least one bin', 'none');
  bins.forEach(check);
  const colours = sequentialColours(bins.length);
  const peak = Math.max(...bins.map(({ density }) => maximum(density)));
  const end = zMax ?? Math.max(...bins.map(({ z }) => z[z.length - 1]));
  return chart({
    width,
    height,
    title,
    description: `Redshift distributions of ${bins.length} source bins`,
    x: { domain: [0, end], label: 'redshift *z*' },
    y: { domain: [0, (peak || 1) * 1.08], label: '*n*(*z*)' },
    entries: bins.map((bin, i) => ({
      label: bin.label ?? `bin ${i + 1}`,
      colour: colours[i],
      mark: 'patch',
    })),
    draw: (axes) =>
      bins
        .map(
          ({ z, density }, i) =>
            filledCurve(axes, z, density, colours[i], 0.25) +
            strokedPath(curvePoints(axes, z, density), { stroke: colours[i], width: 1.8 }),
        )
        .join(''),
  });
}

function check({ z, density }: RedshiftBin, i: number): void {
  const at = (field: string): Place => ({ plot, argument: `bins[${i}].${field}` });
  requireNumbers(z, at('z'));
  requireNumbers(density, at('density'));
  requireLength(density, z.length, at('density'));
  for (let k = 0; k < density.length; k++) {
    requireThat(density[k] >= 0, at('density'), 'not be negative', `${density[k]} at index ${k}`);
  }
}

function maximum(values: Numbers): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]);
  return largest;
}
