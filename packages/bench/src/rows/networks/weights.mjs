import { foldIn, keyOf, normal } from '@lensfield/kernels';

/** Collects the named weights of a network as its layers are declared; He's variance for matrices and kernels. */
export function createWeights() {
  const tree = {};
  const random = (name, shape) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const sd = Math.sqrt((2 * shape.at(-1)) / size);
    const key = foldIn(keyOf(1), Object.keys(tree).length);
    tree[name] = { shape, data: normal(key, size).map((value) => value * sd) };
  };
  const constant = (name, length, value) => {
    tree[name] = { shape: [length], data: new Float32Array(length).fill(value) };
  };
  return {
    tree,
    convolution(name, size, inputs, outputs, { bias = true } = {}) {
      random(`${name}/kernel`, [size, size, inputs, outputs]);
      if (bias) constant(`${name}/bias`, outputs, 0);
    },
    dense(name, inputs, outputs) {
      random(`${name}/weights`, [inputs, outputs]);
      constant(`${name}/bias`, outputs, 0);
    },
    norm(name, channels) {
      constant(`${name}/scale`, channels, 1);
      constant(`${name}/offset`, channels, 0);
    },
  };
}
