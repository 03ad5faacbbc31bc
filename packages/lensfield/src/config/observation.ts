import type { NdArray } from '@lensfield/contracts';
import { asFloat32, readNpy } from '@lensfield/io';
import { InvalidArgumentError } from '@lensfield/kernels';
import type { ObservedMap } from '../recipes/observed-map.ts';

/** What an observed map must match. */
export interface ExpectedMap {
  readonly mapSize: number;
  readonly numBins: number;
  readonly surveyName: string;
  /** Of the noise of each pixel, of the same shape. */
  readonly noiseFile?: string;
}

/**
 * Reads an observed map, shape [N, N, nBins] (or [N, N] for a survey of one bin), from an npy file. What it holds where the noise is
 * infinite does not matter: it becomes 0.
 *
 * @throws {InvalidArgumentError} if a file is no npy file or truncated, the map is not square, has another size or number of bins than
 *   the survey or a pixel with data that is not finite, or the noise is not above 0 or nowhere finite.
 */
export async function loadObservation(path: string, expected: ExpectedMap): Promise<ObservedMap> {
  const map = await loadMap('--observation', path, expected);
  const { noiseFile } = expected;
  if (noiseFile === undefined) {
    checkPixels(path, map);
    return { observation: map };
  }
  const noise = await loadMap('--noise', noiseFile, expected);
  checkNoise(noiseFile, noise);
  const data = map.data.map((value, i) => (noise.data[i] === Infinity ? 0 : value));
  const observation = { ...map, data };
  checkPixels(path, observation);
  return { observation, noise };
}

async function loadMap(option: string, path: string, expected: ExpectedMap): Promise<NdArray<Float32Array>> {
  const array = asFloat32(await readNpy(path));
  const map = array.shape.length === 2 ? { shape: [...array.shape, 1], data: array.data } : array;
  checkShape(option, path, map.shape, expected);
  return map;
}

function checkShape(option: string, path: string, shape: readonly number[], expected: ExpectedMap): void {
  const { mapSize, numBins, surveyName } = expected;
  const found = `got shape [${shape.join(', ')}] in '${path}'`;
  const refuse = (rule: string, remedy = '') => {
    throw new InvalidArgumentError(option, `${option} must ${rule}; ${found}.${remedy}`);
  };
  const other = ' Choose the survey that belongs to the map.';
  if (shape.length !== 3) refuse('be a map [N, N, nBins]');
  if (shape[0] !== shape[1]) refuse('be square', ' Cut or pad it to N x N.');
  if (shape[2] !== numBins)
    refuse(`have the ${numBins} bins of survey '${surveyName}' on its last axis`, other);
  if (shape[0] !== mapSize) refuse(`have the ${mapSize} pixels a side of survey '${surveyName}'`, other);
}

function checkNoise(path: string, noise: NdArray<Float32Array>): void {
  const bad = noise.data.findIndex((deviation) => !(deviation > 0));
  if (bad >= 0)
    throw new InvalidArgumentError(
      '--noise',
      `--noise must be standard deviations above 0, inf where there are no data; got ${noise.data[bad]} at ${placeOf(bad, noise)} in '${path}'.`,
    );
  if (!noise.data.some(Number.isFinite))
    throw new InvalidArgumentError(
      '--noise',
      `--noise must be finite where there are data; got inf everywhere in '${path}'.`,
    );
}

function placeOf(at: number, { shape }: NdArray<Float32Array>): string {
  const [, columns, bins] = shape as [number, number, number];
  return `row ${Math.floor(at / (columns * bins))}, column ${Math.floor(at / bins) % columns}, bin ${at % bins}`;
}

function checkPixels(path: string, map: NdArray<Float32Array>): void {
  const bad = map.data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new InvalidArgumentError(
    '--observation',
    `--observation must have finite pixels only; got ${map.data[bad]} at ${placeOf(bad, map)} in '${path}'. Say with --noise, inf in such a pixel, where there are no data.`,
  );
}
