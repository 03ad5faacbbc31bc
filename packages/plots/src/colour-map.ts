import {
  interpolateCividis,
  interpolateInferno,
  interpolateMagma,
  interpolateRdBu,
  interpolateViridis,
} from 'd3-scale-chromatic';

/** Perceptually uniform maps for magnitudes, and blue-white-red for signed quantities about zero. */
export type ColourMapName = 'viridis' | 'cividis' | 'magma' | 'inferno' | 'blue-red';

const MAPS: Readonly<Record<ColourMapName, (t: number) => string>> = {
  viridis: interpolateViridis,
  cividis: interpolateCividis,
  magma: interpolateMagma,
  inferno: interpolateInferno,
  'blue-red': (t) => interpolateRdBu(1 - t),
};

export const COLOUR_MAP_NAMES = Object.keys(MAPS) as ColourMapName[];

const STEPS = 256;

/** 256 colours as bytes, shape [256, 3]. */
export function colourTable(name: ColourMapName): Uint8Array {
  const table = new Uint8Array(STEPS * 3);
  for (let i = 0; i < STEPS; i++) table.set(rgb(MAPS[name](i / (STEPS - 1))), 3 * i);
  return table;
}

/** Colours that follow an ordered index (bins from near to far), away from the pale end of the map. */
export function sequentialColours(count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    hex(rgb(interpolateViridis(count === 1 ? 0.3 : (0.86 * i) / (count - 1)))),
  );
}

function rgb(colour: string): number[] {
  if (colour.startsWith('#')) return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return colour.match(/\d+/g)!.slice(0, 3).map(Number);
}

function hex(channels: readonly number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
