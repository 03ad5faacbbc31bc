import { type Numbers, type Place, requireLength, requireNumbers, requireThat } from './arguments.ts';
import { chart } from './chart.ts';
import type { LegendEntry } from './legend.ts';
import { band, curvePoints, strokedPath } from './path.ts';
import { segment } from './svg.ts';
import { seriesColour, THEME } from './theme.ts';

export interface CoverageCurve {
  readonly label: string;
  /** Credibility levels in [0, 1], ascending. */
  readonly level: Numbers;
  /** Share of the tests whose truth fell inside the region of that level. */
  readonly coverage: Numbers;
  /** Bootstrap band, same length. */
  readonly low?: Numbers;
  readonly high?: Numbers;
  readonly colour?: string;
}

export interface CoveragePlotOptions {
  readonly curves: readonly CoverageCurve[];
  readonly title?: string;
  /** Side of the picture in px, 360 by default. */
  readonly size?: number;
}

const plot = 'coveragePlot';

/**
 * Expected coverage against credibility, with bootstrap bands. An exact posterior lies on the diagonal; below it, the posterior
 * is too narrow (overconfident), above it too wide.
 *
 * @throws {InvalidArgumentError} if there is no curve, lengths differ, or a number lies outside [0, 1].
 */
export function coveragePlot({ curves, title, size = 360 }: CoveragePlotOptions): string {
  requireThat(curves.length > 0, { plot, argument: 'curves' }, 'hold at least one curve', 'none');
  curves.forEach(check);
  const colour = (i: number): string => curves[i].colour ?? seriesColour(i);
  const entries: LegendEntry[] = [
    ...curves.map((curve, i): LegendEntry => ({ label: curve.label, colour: colour(i), mark: 'line' })),
    { label: 'exact', colour: THEME.muted, mark: 'dashed' },
  ];
  return chart({
    width: size,
    height: size,
    title,
    description: 'Expected coverage against credibility level',
    x: { domain: [0, 1], label: 'credibility level', tickCount: 5 },
    y: { domain: [0, 1], label: 'expected coverage', tickCount: 5 },
    entries,
    legendAt: 'top-left',
    draw: (axes, box) => {
      let out = segment(box.x, box.y + box.height, box.x + box.width, box.y, {
        stroke: THEME.muted,
        dash: '5 3',
      });
      curves.forEach(({ level, coverage, low, high }, i) => {
        if (low && high) out += band(axes, level, low, high, colour(i), 0.22);
        out += strokedPath(curvePoints(axes, level, coverage), { stroke: colour(i), width: 1.9 });
      });
      return out;
    },
  });
}

function check(curve: CoverageCurve, i: number): void {
  const at = (field: string): Place => ({ plot, argument: `curves[${i}].${field}` });
  requireNumbers(curve.level, at('level'));
  for (const field of ['level', 'coverage', 'low', 'high'] as const) {
    const values = curve[field];
    if (values === undefined) continue;
    requireNumbers(values, at(field));
    requireLength(values, curve.level.length, at(field));
    for (let k = 0; k < values.length; k++) {
      requireThat(values[k] >= 0 && values[k] <= 1, at(field), 'lie in [0, 1]', `${values[k]} at index ${k}`);
    }
  }
  requireThat(!curve.low === !curve.high, at('low'), 'come together with high', 'one of the two');
}
