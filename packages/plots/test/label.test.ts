import { expect, it } from 'vitest';
import { label, labelRuns, labelWidth, literalLabel, plainLabel } from '../src/label.ts';

it('reads subscripts, superscripts and italics', () => {
  expect(labelRuns('*σ*_8 10^{−3}')).toEqual([
    { text: 'σ', script: 'normal', italic: true },
    { text: '8', script: 'sub', italic: false },
    { text: ' 10', script: 'normal', italic: false },
    { text: '−3', script: 'super', italic: false },
  ]);
});

it('takes a name literally when told so', () => {
  const name = 'run_2*a^b\\c';
  expect(plainLabel(literalLabel(name))).toBe(name);
  expect(labelRuns(literalLabel(name))).toHaveLength(1);
});

it('survives markup without an end', () => {
  expect(plainLabel('a_')).toBe('a_');
  expect(plainLabel('x_{1')).toBe('x{1');
  expect(plainLabel('*open')).toBe('open');
});

it('escapes what XML would read', () => {
  expect(label('<script>&"', 0, 0)).toContain('&lt;script&gt;&amp;&quot;');
});

it('measures text with its scripts smaller', () => {
  expect(labelWidth('x_{11}', 12)).toBeLessThan(labelWidth('x11', 12));
  // 'H' is 0.652 of the font size in Source Sans 3, a tenth more is left for fallback fonts.
  expect(labelWidth('H', 10)).toBeCloseTo(7.17, 2);
});
