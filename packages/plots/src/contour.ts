import { contours } from 'd3-contour';
import { type DensityGrid, enclosedMassLevels } from './density-2d.ts';
import type { Axes } from './path.ts';
import { px } from './svg.ts';

export interface Contour {
  /** Share of the draws inside. */
  readonly mass: number;
  /** Closed rings in data coordinates, each flat [x0, y0, x1, y1, ...]; holes wind the other way. */
  readonly rings: readonly Float64Array[];
}

/** Regions of highest density that hold the given shares of the draws, as polygons (marching squares, linear interpolation). */
export function massContours(grid: DensityGrid, masses: readonly number[]): Contour[] {
  const levels = enclosedMassLevels(grid, masses);
  const trace = contours().size([grid.columns, grid.rows]);
  const xCell = (grid.x[1] - grid.x[0]) / grid.columns;
  const yCell = (grid.y[1] - grid.y[0]) / grid.rows;
  // d3-contour places the value of cell (i, j) at (i + 1/2, j + 1/2), in step with our cell centres.
  return masses.map((mass, m) => ({
    mass,
    rings: trace
      .contour(grid.values as unknown as number[], levels[m])
      .coordinates.flatMap((polygon) =>
        polygon.map((ring) =>
          Float64Array.from(ring.flatMap(([i, j]) => [grid.x[0] + i * xCell, grid.y[0] + j * yCell])),
        ),
      ),
  }));
}

/** One path of all rings; fill it with the even-odd rule. */
export function contourPath({ x, y }: Axes, contour: Contour): string {
  let d = '';
  for (const ring of contour.rings) {
    for (let i = 0; i < ring.length; i += 2) {
      d += `${i === 0 ? 'M' : 'L'}${px(x.position(ring[i]))},${px(y.position(ring[i + 1]))}`;
    }
    d += 'Z';
  }
  return d;
}
