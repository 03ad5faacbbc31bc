import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tf } from '../src/index.ts';
import { rows } from './_op-suite.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const table = readme.split('<!-- op table')[1]!.split('<!-- end of op table')[0]!;

it('has a row for each op of the suite, and no others: npm run op-table', () => {
  expect(Array.from(table.matchAll(/^\| `(.+?)` \|/gm), ([, op]) => op)).toEqual(rows);
});

/** What `tf` holds beside ops: tensors and their memory, gradients, printing. */
const NOT_OPS =
  'Tensor customGrad dispose grad grads image keep memory print profile scalar tensor tensor1d tensor2d tensor3d tensor4d tensor5d tidy ' +
  'valueAndGrad valueAndGrads variable variableGrads';

it('covers every op of tf', () => {
  const others = [...Object.keys(tf), ...Object.keys(tf.image)].filter((name) => !rows.includes(name));
  expect(others.sort().join(' ')).toBe(NOT_OPS.split(' ').sort().join(' '));
});
