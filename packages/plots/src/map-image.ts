import { encode } from 'fast-png';
import type { Numbers } from './arguments.ts';
import { type ColourMapName, colourTable } from './colour-map.ts';
import { type Box, element } from './svg.ts';

/** One channel of an image, read as values[(row * columns + column) * stride + offset]. */
export interface Plane {
  readonly values: Numbers;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly offset: number;
}

/** The plane as PNG bytes with row 0 at the bottom; values beyond the limits take the end colours. */
export function planePng(plane: Plane, limits: readonly [number, number], map: ColourMapName): Uint8Array {
  const { rows, columns } = plane;
  const table = colourTable(map);
  const data = new Uint8Array(rows * columns * 3);
  const scale = 255 / (limits[1] - limits[0]);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = plane.values[(row * columns + column) * plane.stride + plane.offset];
      const step = Math.round(Math.min(255, Math.max(0, (value - limits[0]) * scale)));
      const at = ((rows - 1 - row) * columns + column) * 3;
      data[at] = table[3 * step];
      data[at + 1] = table[3 * step + 1];
      data[at + 2] = table[3 * step + 2];
    }
  }
  return encode({ width: columns, height: rows, data, channels: 3, depth: 8 });
}

/** The image stretched over the box with its pixels kept square-edged. */
export function pngImage(png: Uint8Array, box: Box): string {
  return element('image', {
    ...box,
    preserveAspectRatio: 'none',
    // Browsers go by the style, resvg by the attribute.
    'image-rendering': 'optimizeSpeed',
    style: 'image-rendering:pixelated',
    href: `data:image/png;base64,${base64(png)}`,
  });
}

function base64(bytes: Uint8Array): string {
  let text = '';
  // In pieces, because an argument list of a whole image would overflow the stack.
  for (let i = 0; i < bytes.length; i += 0x2000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(text);
}
