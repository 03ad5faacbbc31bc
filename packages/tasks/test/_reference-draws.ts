import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { NdArray } from '@lensfield/contracts';
import { asFloat64, decodeNpy } from '@lensfield/io';
import { referenceFile } from '@lensfield/testing';

/** Numbers of a table with one header line, [rows, columns]. */
function parseTable(text: string): NdArray<Float64Array> {
  const rows = text.trim().split('\n').slice(1);
  const values = rows.map((row) => row.split(',').map(Number));
  return { shape: [rows.length, values[0]!.length], data: Float64Array.from(values.flat()) };
}

/** Observation `number` (1 to 3) of a task of sbibm, and 10 000 draws of its posterior. */
export function sbibmReference(task: string, number: number) {
  const read = (file: string) =>
    readFileSync(referenceFile(`sbibm/${task}/num_observation_${number}/${file}`));
  return {
    x: Float32Array.from(parseTable(read('observation.csv').toString()).data),
    theta: parseTable(read('true_parameters.csv').toString()).data,
    draws: parseTable(gunzipSync(read('reference_posterior_samples.csv.gz')).toString()),
  };
}

/** An array of a npy file among the reference files. */
export function referenceArray(path: string): NdArray<Float64Array> {
  return asFloat64(decodeNpy(readFileSync(referenceFile(path))));
}
