import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldIn, keyOf, normal, uniformFloat64 } from '@lensfield/kernels';

const TEST_ROWS = 20000;

/** Two half circles of radius 1, interleaved, with normal noise of 0.1 in each direction. */
function twoMoons(key, n) {
  const [angles, noise] = [uniformFloat64(foldIn(key, 0), n), normal(foldIn(key, 1), 2 * n)];
  const y = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const [cos, sin] = [Math.cos(Math.PI * angles[i]), Math.sin(Math.PI * angles[i])];
    y[2 * i] = (i % 2 === 0 ? cos : 1 - cos) + 0.1 * noise[2 * i];
    y[2 * i + 1] = (i % 2 === 0 ? sin : 0.5 - sin) + 0.1 * noise[2 * i + 1];
  }
  return { y: { shape: [n, 2], data: y }, context: { shape: [n, 0], data: new Float32Array(0) } };
}

/** A float64 array of NumPy. */
function readNpy(path) {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const shape = bytes.toString('latin1', 10, start).match(/'shape': \(([\d, ]+)\)/)[1];
  const data = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length),
  );
  return { shape: shape.split(',').filter(Boolean).map(Number), data };
}

/** Pairs of the peers' banana: u ~ N(0, 1), theta = u bent in two planes, t = A u + 0.3 e. */
function banana(matrix, key, n) {
  const [u, noise] = [normal(foldIn(key, 0), 6 * n), normal(foldIn(key, 1), 6 * n)];
  const [y, context] = [u.slice(), new Float32Array(6 * n)];
  for (let row = 0; row < 6 * n; row += 6) {
    y[row + 1] += 0.5 * (u[row] ** 2 - 1);
    y[row + 3] += 0.5 * (u[row + 2] ** 2 - 1);
    for (let i = 0; i < 6; i++) {
      let sum = 0.3 * noise[row + i];
      for (let j = 0; j < 6; j++) sum += matrix[6 * i + j] * u[row + j];
      context[row + i] = sum;
    }
  }
  return { y: { shape: [n, 6], data: y }, context: { shape: [n, 6], data: context } };
}

const float32 = ({ shape, data }) => ({ shape, data: Float32Array.from(data) });

/** Centres and rescales each column of both sets by the moments of the training set. */
function standardised(train, test) {
  const width = train.shape[1];
  const n = train.shape[0];
  const [mean, sd] = [new Float64Array(width), new Float64Array(width)];
  train.data.forEach((v, i) => {
    mean[i % width] += v / n;
  });
  train.data.forEach((v, i) => {
    sd[i % width] += (v - mean[i % width]) ** 2 / n;
  });
  const scaled = ({ shape, data }) => ({
    shape,
    data: data.map((v, i) => (v - mean[i % width]) / Math.sqrt(sd[i % width])),
  });
  return [scaled(train), scaled(test)];
}

/** Training and test rows, standardised coordinate by coordinate, and how long to train on them. */
function problem(train, test, training) {
  const [y, testY] = standardised(train.y, test.y);
  const [context, testContext] = standardised(train.context, test.context);
  return { ...training, y, context, testY, testContext };
}

/** By name; `peers` is the folder of the peers' scripts, whose `data` the banana's pairs are. */
export const PROBLEMS = {
  'two-moons': () =>
    problem(twoMoons(keyOf(1), 5000), twoMoons(keyOf(2), TEST_ROWS), { batchSize: 250, epochs: 60 }),
  banana: (peers) => {
    const pairs = ['theta', 't'].map((name) => readNpy(join(peers, 'torch/data', `${name}_banana.npy`)));
    const [y, context] = pairs.map(float32);
    const matrix = readNpy(join(peers, 'torch/data/A.npy')).data;
    return problem({ y, context }, banana(matrix, keyOf(4), TEST_ROWS), { batchSize: 128, epochs: 150 });
  },
  'banana-10000': (peers) => {
    const matrix = readNpy(join(peers, 'torch/data/A.npy')).data;
    const pairs = banana(matrix, keyOf(3), 10000);
    return problem(pairs, banana(matrix, keyOf(4), TEST_ROWS), { batchSize: 128, epochs: 15 });
  },
};
