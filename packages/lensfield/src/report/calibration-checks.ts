import { grouped, percent, significant } from './number-format.ts';
import type { CheckStatus, ReportCalibration, ReportCheck } from './report-data.ts';

type Tests = ReportCalibration['tests'];

/** Smallest corrected p-value. */
export const leastPValue = (tests: Tests): number =>
  Math.min(...tests.map(({ correctedPValue }) => correctedPValue));

/** What each kind of test asks. */
const KINDS: readonly {
  readonly question: string;
  readonly methods: readonly Tests[number]['method'][];
}[] = [
  { question: 'ranks are uniform', methods: ['sbc'] },
  { question: 'regions hold their share', methods: ['coverage', 'tarp'] },
  { question: 'right at this map', methods: ['lc2st'] },
];

export function calibrationChecks(calibration: ReportCalibration): ReportCheck[] {
  const { label, tests, level, numSimulations, leakedFraction } = calibration;
  const checks: ReportCheck[] = KINDS.flatMap(({ question, methods }) => {
    const own = tests.filter(({ method }) => methods.includes(method));
    if (own.length === 0) return [];
    return {
      status: own.some(({ isRejected }) => isRejected) ? ('failed' as const) : ('passed' as const),
      name: `${label}: ${question}`,
      found: `p = ${significant(leastPValue(own), 2)} over ${grouped(numSimulations)} simulations`,
      rule: `p above ${level}, corrected for ${tests.length} tests`,
    };
  });
  checks.push(powerCheck(calibration));
  if (leakedFraction !== undefined) {
    checks.push({
      status: leakStatus(leakedFraction),
      name: `${label}: stays inside the prior`,
      found: `${percent(leakedFraction)} of draws outside`,
      rule: 'at most 2\u2009%',
    });
  }
  return checks;
}

function leakStatus(leakedFraction: number): CheckStatus {
  if (leakedFraction <= 0.02) return 'passed';
  return leakedFraction <= 0.2 ? 'doubtful' : 'failed';
}

/** Tests that miss what is known to be wrong say little by passing. */
function powerCheck({ label, controls }: ReportCalibration): ReportCheck {
  const shares = controls.map(({ numCaught, numTrials }) => numCaught / numTrials);
  const least = controls[shares.indexOf(Math.min(...shares))]!;
  return {
    status: controls.every(({ isCaught }) => isCaught) ? 'passed' : 'doubtful',
    name: `${label}: the tests find known faults`,
    found: `${least.fault} in ${least.numCaught} of ${least.numTrials} trials`,
    rule: 'each in at least 9 of 10',
  };
}
