import type { GradConfig } from '@tensorflow/tfjs-core';
import { SORT_ORDER } from '../ops/sort.ts';
import { constantGradient } from './_definition.ts';

/** An order is constant almost everywhere; what is sorted by it is gathered, which has its own gradient. */
export const sortGradients: readonly GradConfig[] = [constantGradient(SORT_ORDER, ['x'])];
