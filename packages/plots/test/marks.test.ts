import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import * as plots from '../src/index.ts';
import { planePng } from '../src/map-image.ts';
import { toPng } from '../src/png.ts';

/** Places of the labelled ticks of the horizontal axis, read back from the picture. */
function horizontalTicks(svg: string): { value: number; x: number }[] {
  const found = svg.matchAll(
    /<text x="([\d.]+)" y="[\d.]+" font-size="12" text-anchor="middle"[^>]*>([\d.−]+)</g,
  );
  return [...found].map(([, x, text]) => ({ value: Number(text.replace('−', '-')), x: Number(x) }));
}

/** The value at a pixel by the two outermost ticks. */
function readOff(svg: string, x: number): number {
  const ticks = horizontalTicks(svg);
  const [a, b] = [ticks[0], ticks[ticks.length - 1]];
  return a.value + ((x - a.x) / (b.x - a.x)) * (b.value - a.value);
}

describe('marks stand where the axis says', () => {
  it('in a loss curve', () => {
    const svg = plots.lossPlot({ series: [{ label: 'training', values: [5, 4, 3, 2, 1, 0] }], bestStep: 4 });
    const d = svg.match(/<path d="M([^"]+)" fill="none"/)![1];
    const xs = d.split('L').map((point) => Number(point.split(',')[0]));
    // Coordinates are written to a hundredth of a pixel, 1e-4 of an epoch.
    for (let i = 0; i < 6; i++) expect(readOff(svg, xs[i])).toBeCloseTo(i + 1, 3);
  });

  it('in a histogram', () => {
    const svg = plots.histogramPlot({
      series: [{ label: 'a', edges: [0, 2, 3], values: [1, 2] }],
      xLabel: 'x',
    });
    const d = svg.match(/<path d="M([^"]+)" fill="none"/)![1];
    const xs = d.split('L').map((point) => Number(point.split(',')[0]));
    expect(xs.map((x) => Math.round(readOff(svg, x) * 100) / 100)).toEqual([0, 2, 2, 3]);
  });

  it('in spectra: a point for each positive value and an arrow for each other one', () => {
    const svg = plots.spectraPlot({
      measured: { label: 'm', ell: [100, 1000], values: [[1e-8, -1e-9]], errors: [[1e-9, 1e-9]] },
    });
    expect(svg.match(/<circle [^>]*r="2.2"/g)).toHaveLength(1);
    expect(svg.match(/m-2.6,-3.4/g)).toHaveLength(1);
  });

  it('in spectra: a band from its lower to its upper edge, in the panel of its pair', () => {
    const rows = (value: number) => [[value, value]];
    const at = { label: 'a', ell: [100, 1000] };
    const svg = plots.spectraPlot({
      curves: [
        { ...at, values: rows(1e-8), colour: '#000001' },
        { ...at, values: rows(4e-8), colour: '#000002' },
      ],
      bands: [{ ...at, label: '95 %', low: rows(1e-8), high: rows(4e-8), colour: '#000003' }],
    });
    const points = (colour: string) =>
      svg.match(new RegExp(`d="M([^"Z]+)Z?" (?:fill="none" stroke|fill)="${colour}"`))![1].split('L');
    const [lower, upper] = [points('#000001'), points('#000002')];
    expect(points('#000003')).toEqual([...upper, ...lower.toReversed()]);
  });

  it('in spectra: a band that reaches to zero has an edge below the frame', () => {
    const at = { label: 'a', ell: [100, 1000] };
    const svg = plots.spectraPlot({
      curves: [{ ...at, values: [[1e-8, 1e-8]] }],
      bands: [{ ...at, low: [[-1e-8, 0]], high: [[1e-8, 1e-8]], colour: '#000003' }],
    });
    const d = svg.match(/d="M([^"]+)Z" fill="#000003"/)![1];
    const heights = d.split('L').map((point) => Number(point.split(',')[1]));
    expect(heights).toHaveLength(4);
    const frame = Number(svg.match(/viewBox="0 0 \S+ ([\d.]+)"/)![1]);
    for (const low of heights.slice(2)) expect(low).toBeGreaterThan(frame);
  });

  it('in ranks: bars outside the binomial band change colour', () => {
    const flat = Array.from({ length: 1000 }, (_, i) => i % 100);
    const svg = plots.rankPlot({
      ranks: [flat, new Array(1000).fill(0)],
      labels: ['a', 'b'],
      numDraws: 99,
      numBins: 10,
    });
    const outside = svg.match(new RegExp(`fill="${plots.OKABE_ITO[1]}"`, 'g')) ?? [];
    expect(outside).toHaveLength(10);
  });
});

describe('planePng', () => {
  it('draws row 0 at the bottom and clamps the ends', () => {
    const plane = { values: [-9, 0, 1, 9], rows: 2, columns: 2, stride: 1, offset: 0 };
    const image = decode(planePng(plane, [0, 1], 'viridis'));
    const pixel = (row: number, column: number): number[] =>
      Array.from(image.data.slice((row * 2 + column) * 3).slice(0, 3));
    const [dark, bright] = [
      [68, 1, 84],
      [253, 231, 37],
    ];
    expect(pixel(1, 0)).toEqual(dark);
    expect(pixel(1, 1)).toEqual(dark);
    expect(pixel(0, 0)).toEqual(bright);
    expect(pixel(0, 1)).toEqual(bright);
  });

  it('reads one bin of maps with bins last', () => {
    const plane = { values: [0, 1, 0, 1, 0, 1, 0, 1], rows: 2, columns: 2, stride: 2, offset: 1 };
    const image = decode(planePng(plane, [0, 1], 'viridis'));
    expect(Array.from(image.data.slice(0, 3))).toEqual([253, 231, 37]);
  });
});

describe('toPng', () => {
  it('multiplies the size by the scale', () => {
    const svg = plots.coveragePlot({ curves: [{ label: 'a', level: [0, 1], coverage: [0, 1] }], size: 300 });
    const image = decode(toPng(svg, { scale: 2 }));
    expect([image.width, image.height]).toEqual([600, 600]);
  });

  it('sets text, Greek included, with the font of the package', () => {
    const textOnly = (text: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><text x="5" y="20" font-size="18">${text}</text></svg>`;
    const ink = (text: string): number => {
      const { data } = decode(toPng(textOnly(text), { scale: 1 }));
      return Array.from(data).filter((value, i) => i % 4 === 3 && value > 100).length;
    };
    expect(ink('Ω')).toBeGreaterThan(20);
    // A missing glyph is drawn as the same box for every character.
    expect(ink('σ')).not.toBe(ink('Ω'));
    expect(ink('ℓ')).not.toBe(ink('Ω'));
  });
});
