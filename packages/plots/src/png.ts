import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { type Place, requireThat } from './arguments.ts';

export interface PngOptions {
  /** Pixels per px of the picture, 2 by default. */
  readonly scale?: number;
}

// The faces that the pictures use: text, italics of symbols, titles.
const FACES = [
  '400Regular/SourceSans3_400Regular',
  '400Regular_Italic/SourceSans3_400Regular_Italic',
  '600SemiBold/SourceSans3_600SemiBold',
];

/**
 * Renders a picture of this package to PNG bytes, in Node. Text is set in Source Sans 3, which is installed with the package, so
 * that the bytes do not depend on the fonts of the machine.
 *
 * @throws {InvalidArgumentError} if `svg` is not an SVG document or the scale is not in (0, 16].
 */
export function toPng(svg: string, { scale = 2 }: PngOptions = {}): Uint8Array {
  const at = (argument: string): Place => ({ plot: 'toPng', argument });
  requireThat(scale > 0 && scale <= 16, at('scale'), 'be above 0 and at most 16', scale);
  requireThat(svg.startsWith('<svg'), at('svg'), 'be an SVG document', JSON.stringify(svg.slice(0, 20)));
  const require = createRequire(import.meta.url);
  const fontFiles = FACES.map((face) => require.resolve(`@expo-google-fonts/source-sans-3/${face}.ttf`));
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { fontFiles, loadSystemFonts: false, defaultFontFamily: 'Source Sans 3' },
  });
  return Uint8Array.from(picture.render().asPng());
}
