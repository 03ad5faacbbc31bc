import type { Key } from '@lensfield/contracts';
import { uniformFloat64 } from '@lensfield/kernels';

/** A factor uniform within 1 - jitter and 1 + jitter: drawn before and apart from everything else of a transition, it leaves the target invariant. */
export function jitterFactor(key: Key, jitter: number): number {
  return 1 + jitter * (2 * uniformFloat64(key, 1)[0] - 1);
}
