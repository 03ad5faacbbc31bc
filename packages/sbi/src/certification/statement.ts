import type { Certificate, CertificateTest, Control } from './certificate.ts';

/** The verdict in a sentence. */
export function statementOf(
  verdict: Certificate['verdict'],
  { tests, controls, numSimulations }: Pick<Certificate, 'tests' | 'controls' | 'numSimulations'>,
): string {
  const over = `${tests.length} tests on ${numSimulations} simulations`;
  if (verdict === 'rejected') return `Rejected by ${over}: ${rejections(tests)}.`;
  if (verdict === 'passed') {
    return `Passed ${over}, which catch known faults: ${controls.map(caughtInWords).join(', ')}.`;
  }
  const missed = controls.filter(({ isCaught }) => !isCaught);
  const needed = Math.max(...missed.map(({ simulationsNeeded }) => simulationsNeeded));
  return `No power: ${over} reject nothing, but miss known faults (${missed.map(caughtInWords).join(', ')}). About ${needed} simulations are enough to catch them in any one parameter.`;
}

const MOST_NAMED = 3;

function rejections(tests: readonly CertificateTest[]): string {
  const rejected = tests
    .filter(({ isRejected }) => isRejected)
    .sort((a, b) => a.correctedPValue - b.correctedPValue);
  const named = rejected
    .slice(0, MOST_NAMED)
    .map(({ name, correctedPValue }) => `${name} (p = ${correctedPValue.toPrecision(2)})`);
  const others = rejected.length - named.length;
  return others > 0 ? `${named.join(', ')} and ${others} more` : named.join(', ');
}

const caughtInWords = ({ fault, numCaught, numTrials }: Control): string =>
  `${fault} in ${numCaught} of ${numTrials} trials`;
