import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NdArray } from '@lensfield/contracts';
import { asFloat32, encodeNpz, readNpy, readNpz, readNpzStrings, writeFileAtomically } from '@lensfield/io';
import { InvalidArgumentError } from '@lensfield/kernels';
import { paperPrior } from '@lensfield/sbi';

export interface PosteriorSamples {
  readonly names: readonly string[];
  /** [n, names.length]. */
  readonly samples: NdArray<Float32Array>;
}

export const POSTERIOR_FILE = 'posterior.npz';

/** The posterior of the power spectra alone, beside that of a run of full-field inference. */
export const SPECTRA_POSTERIOR_FILE = 'spectra-posterior.npz';

/** Writes `samples` (float32 [n, d]), `names` and, where known, `log_prob` as `posterior.npz`. */
export async function writePosterior(
  folder: string,
  names: readonly string[],
  samples: NdArray<Float32Array | Float64Array>,
  logProb?: Float64Array,
): Promise<void> {
  await writePosteriorFile(join(folder, POSTERIOR_FILE), names, samples, logProb);
}

export async function writePosteriorFile(
  path: string,
  names: readonly string[],
  samples: NdArray<Float32Array | Float64Array>,
  logProb?: Float64Array,
): Promise<void> {
  const arrays = {
    samples: { shape: samples.shape, data: Float32Array.from(samples.data) },
    names,
    ...(logProb && { log_prob: { shape: [logProb.length], data: logProb } }),
  };
  await writeFileAtomically(path, encodeNpz(arrays));
}

/**
 * Reads a posterior: a run's folder, a `posterior.npz`, or an npy file of samples [n, d], which are then those of the paper's parameters.
 *
 * @throws {InvalidArgumentError} if there is no such file or it holds something else.
 */
export async function readPosterior(path: string, argument: string): Promise<PosteriorSamples> {
  const file = await posteriorFileOf(path);
  const { names, samples } = file.endsWith('.npz') ? await fromNpz(file) : await fromNpy(file);
  if (samples.shape.length === 2 && samples.shape[1] === names.length) return { names, samples };
  throw new InvalidArgumentError(
    argument,
    `${argument} must hold samples [n, ${names.length}] of ${names.join(', ')}; got [${samples.shape.join(', ')}] in '${file}'.`,
  );
}

/** The file of a posterior that is named by its file or by the folder of its run. */
export async function posteriorFileOf(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  return isFolder ? join(path, POSTERIOR_FILE) : path;
}

async function fromNpz(file: string): Promise<PosteriorSamples> {
  const { samples } = await readNpz(file, { names: ['samples'] });
  return { names: await readNpzStrings(file, 'names'), samples: asFloat32(samples!) };
}

async function fromNpy(file: string): Promise<PosteriorSamples> {
  return { names: paperPrior().names, samples: asFloat32(await readNpy(file)) };
}
