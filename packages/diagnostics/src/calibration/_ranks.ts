import { invalid } from '../_argument-checks.ts';

export function checkRanks(ranks: Int32Array, numDraws: number, where: string): void {
  const outside = ranks.find((rank) => !(rank >= 0 && rank <= numDraws));
  if (outside !== undefined)
    throw invalid({ where, name: 'ranks' }, `be from 0 to numDraws, ${numDraws}`, String(outside));
}
