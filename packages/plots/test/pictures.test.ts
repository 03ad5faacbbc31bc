import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { toPng } from '../src/png.ts';
import { pictures } from './pictures.ts';

describe.each(Object.entries(pictures))('%s', (_, draw) => {
  it('is well-formed and renders at its size', () => {
    const svg = draw();
    // resvg parses XML strictly, so a picture that renders is well-formed.
    const image = decode(toPng(svg, { scale: 1 }));
    const [, width, height] = svg.match(/^<svg [^>]*width="([\d.]+)" height="([\d.]+)"/)!.map(Number);
    expect(Math.abs(image.width - width)).toBeLessThanOrEqual(1);
    expect(Math.abs(image.height - height)).toBeLessThanOrEqual(1);
  });

  it('has no number that is not one, and no id that could clash in a page', () => {
    const svg = draw();
    expect(svg).not.toMatch(/NaN|Infinity|undefined|\[object/);
    expect(svg).not.toMatch(/ id="/);
  });

  it('keeps every text inside the picture', () => {
    const svg = draw();
    const [, width, height] = svg.match(/^<svg [^>]*width="([\d.]+)" height="([\d.]+)"/)!.map(Number);
    for (const [, x, y] of svg.matchAll(/<text x="([-\d.]+)" y="([-\d.]+)"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(width);
      expect(Number(y)).toBeGreaterThanOrEqual(8);
      expect(Number(y)).toBeLessThanOrEqual(height);
    }
  });

  it('is the same every time', () => {
    expect(draw()).toBe(draw());
  });
});
