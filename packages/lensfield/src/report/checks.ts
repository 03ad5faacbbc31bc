import { summarizeSamples } from '@lensfield/diagnostics';
import { InvalidArgumentError } from '@lensfield/kernels';
import { calibrationChecks } from './calibration-checks.ts';
import { energyFractions } from './energy-fraction.ts';
import { fixed, grouped } from './number-format.ts';
import type {
  CheckStatus,
  ReportCheck,
  ReportComparison,
  ReportConvergence,
  ReportData,
  ReportPosterior,
} from './report-data.ts';

/** Every check that the data allow, and a doubtful one for each that they should allow and do not. */
export function checksOf(data: ReportData): ReportCheck[] {
  const posteriors = data.posteriors ?? [];
  return [
    ...(data.convergence ?? []).flatMap(convergenceChecks),
    ...(data.calibrations ?? []).flatMap(calibrationChecks),
    ...missingChecks(data, posteriors),
    ...(data.comparisons ?? []).flatMap((comparison) => comparisonChecks(data, comparison)),
    ...posteriors.flatMap((posterior) => truthCheck(data, posterior)),
    ...(data.checks ?? []),
  ];
}

export function overallStatus(checks: readonly ReportCheck[]): CheckStatus {
  if (checks.some((check) => check.status === 'failed')) return 'failed';
  return checks.length === 0 || checks.some((check) => check.status === 'doubtful') ? 'doubtful' : 'passed';
}

/** Passed up to `good`, doubtful up to `fair`; NaN fails. */
function below(value: number, good: number, fair: number): CheckStatus {
  if (value <= good) return 'passed';
  return value <= fair ? 'doubtful' : 'failed';
}

function above(value: number, good: number, fair: number): CheckStatus {
  if (value >= good) return 'passed';
  return value >= fair ? 'doubtful' : 'failed';
}

// Thresholds of Vehtari et al. (2021), arXiv:1903.08008: R-hat 1.01 and 400 effective draws; 0.3 for the energy fraction from
// Betancourt (2016), arXiv:1604.00695. The wider limits mark where a result is of no use rather than in need of a longer run.
function convergenceChecks(run: ReportConvergence): ReportCheck[] {
  const worstRhat = Math.max(...run.summary.map((row) => row.rhat));
  const leastEss = Math.min(...run.summary.map((row) => Math.min(row.essBulk, row.essTail)));
  const numDraws = run.samples.shape[0] * run.samples.shape[1];
  const checks: ReportCheck[] = [
    {
      status: below(worstRhat, 1.01, 1.05),
      name: `${run.label}: chains agree`,
      found: `largest R-hat ${fixed(worstRhat, 3)}`,
      rule: 'at most 1.01',
    },
    {
      status: above(leastEss, 400, 100),
      name: `${run.label}: enough independent draws`,
      found: `smallest effective size ${grouped(leastEss)}`,
      rule: 'at least 400',
    },
    {
      status: below(run.divergences / numDraws, 0, 0.001),
      name: `${run.label}: no divergences`,
      found: `${grouped(run.divergences)} in ${grouped(numDraws)} draws${placesOf(run)}`,
      rule: 'none after warm-up',
    },
  ];
  if (run.energy) {
    const least = Math.min(...energyFractions(run.energy));
    checks.push({
      status: above(least, 0.3, 0.2),
      name: `${run.label}: energies explored`,
      found: `smallest energy fraction ${fixed(least, 2)}`,
      rule: 'at least 0.3',
    });
  }
  return checks;
}

/** Where divergences gather, as `, at the low end of sigma_8`. */
function placesOf({ divergenceLocations = [] }: ReportConvergence): string {
  const places = divergenceLocations.flatMap(({ name, end }) => (end ? [`the ${end} end of ${name}`] : []));
  return places.length === 0 ? '' : `, at ${places.join(' and ')}`;
}

function missingChecks(data: ReportData, posteriors: readonly ReportPosterior[]): ReportCheck[] {
  const missing = (name: string): ReportCheck => ({
    status: 'doubtful',
    name,
    found: 'not measured',
    rule: 'measured in every run',
  });
  const checks: ReportCheck[] = [];
  const has = (method: ReportPosterior['method']): boolean => posteriors.some((one) => one.method === method);
  if (has('implicit') && !data.calibrations?.length)
    checks.push(missing('Calibration of the implicit posterior'));
  if (has('explicit') && !data.convergence?.length)
    checks.push(missing('Convergence of the explicit posterior'));
  return checks;
}

function comparisonChecks(data: ReportData, comparison: ReportComparison): ReportCheck[] {
  const pair = `${comparison.a} and ${comparison.b} agree`;
  const { largest, name } = largestShift(data, comparison);
  const checks: ReportCheck[] = [
    {
      // A mean that is off by one standard deviation changes the conclusion; by half of one it is within what a lossy summary does.
      status: below(largest, 0.5, 1),
      name: `${pair} in the means`,
      found: `largest difference ${fixed(largest, 2)} sd (${name})`,
      rule: 'at most 0.5 sd',
    },
  ];
  if (comparison.c2st) {
    checks.push({
      status: below(comparison.c2st.accuracy, 0.6, 0.75),
      name: `${pair} as a whole`,
      found: `C2ST ${fixed(comparison.c2st.accuracy, 3)}`,
      rule: 'at most 0.6, where 0.5 is identical',
    });
  }
  return checks;
}

function largestShift(data: ReportData, comparison: ReportComparison): { largest: number; name: string } {
  const names = data.parameters.map((parameter) => parameter.name);
  const [a, b] = [comparison.a, comparison.b].map((label) =>
    summarizeSamples(posteriorNamed(data, label).samples, { names }),
  );
  const shifts = a.map((row, i) => Math.abs(b[i].mean - row.mean) / row.sd);
  const largest = Math.max(...shifts);
  return { largest, name: names[shifts.indexOf(largest)] ?? 'not a number' };
}

/** The posterior of that label. */
export function posteriorNamed(data: ReportData, label: string): ReportPosterior {
  const found = data.posteriors?.find((posterior) => posterior.label === label);
  if (found === undefined) {
    const known = (data.posteriors ?? []).map((posterior) => `'${posterior.label}'`).join(', ') || 'none';
    throw new InvalidArgumentError(
      'comparisons',
      `lensfield.renderReport: comparisons must name posteriors of the report (${known}); got '${label}'.`,
    );
  }
  return found;
}

function truthCheck(data: ReportData, posterior: ReportPosterior): ReportCheck[] {
  const known = data.parameters.flatMap(({ truth }, i) => (truth === undefined ? [] : [{ truth, i }]));
  if (known.length === 0) return [];
  const names = data.parameters.map((parameter) => parameter.name);
  const summary = summarizeSamples(posterior.samples, { names });
  const distances = known.map(({ truth, i }) => Math.abs(truth - summary[i].mean) / summary[i].sd);
  const largest = Math.max(...distances);
  return [
    {
      // Of six independent normal numbers the largest exceeds 2.7 in one case of twenty-four, and 3.5 in one of three hundred.
      status: below(largest, 2.7, 3.5),
      name: `${posterior.label}: the truth is plausible`,
      found: `${fixed(largest, 2)} sd away at most (${names[known[distances.indexOf(largest)]?.i ?? 0]})`,
      rule: 'at most 2.7 sd',
    },
  ];
}
