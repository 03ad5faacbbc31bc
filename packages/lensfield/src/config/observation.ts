import type { NdArray } from '@lensfield/contracts';
import { asFloat32, readNpy } from '@lensfield/io';
import { InvalidArgumentError } from '@lensfield/kernels';

/** What an observed map must match. */
export interface ExpectedMap {
  readonly mapSize: number;
  readonly numBins: number;
  readonly surveyName: string;
}

/**
 * Reads an observed map, shape [N, N, nBins] (or [N, N] for a survey of one bin), from an npy file.
 *
 * @throws {InvalidArgumentError} if the file is no npy file or truncated, the map is not square, has another size or number of bins than
 *   the survey, or has a pixel that is not finite.
 */
export async function loadObservation(path: string, expected: ExpectedMap): Promise<NdArray<Float32Array>> {
  const array = asFloat32(await readNpy(path));
  const map = array.shape.length === 2 ? { shape: [...array.shape, 1], data: array.data } : array;
  checkShape(path, map.shape, expected);
  checkPixels(path, map);
  return map;
}

function checkShape(path: string, shape: readonly number[], expected: ExpectedMap): void {
  const { mapSize, numBins, surveyName } = expected;
  const found = `got shape [${shape.join(', ')}] in '${path}'`;
  if (shape.length !== 3) {
    throw new InvalidArgumentError('--observation', `--observation must be a map [N, N, nBins]; ${found}.`);
  }
  if (shape[0] !== shape[1]) {
    throw new InvalidArgumentError(
      '--observation',
      `--observation must be square; ${found}. Cut or pad it to N x N.`,
    );
  }
  if (shape[2] !== numBins) {
    throw new InvalidArgumentError(
      '--observation',
      `--observation must have the ${numBins} bins of survey '${surveyName}' on its last axis; ${found}. Choose the survey that belongs to the map.`,
    );
  }
  if (shape[0] !== mapSize) {
    throw new InvalidArgumentError(
      '--observation',
      `--observation must have the ${mapSize} pixels a side of survey '${surveyName}'; ${found}. Choose the survey that belongs to the map.`,
    );
  }
}

function checkPixels(path: string, map: NdArray<Float32Array>): void {
  const bad = map.data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const [, columns, bins] = map.shape as [number, number, number];
  const where = `row ${Math.floor(bad / (columns * bins))}, column ${Math.floor(bad / bins) % columns}, bin ${bad % bins}`;
  throw new InvalidArgumentError(
    '--observation',
    `--observation must have finite pixels only; got ${map.data[bad]} at ${where} in '${path}'. Replace missing pixels before the analysis.`,
  );
}
