import type { ReportData, ReportPosterior } from './report-data.ts';

const WORDS = {
  passed: undefined,
  rejected: 'calibration failed',
  'no power': 'too few simulations to calibrate',
  missing: 'not calibrated',
};

/** What every figure must say of a posterior beside its name: that its estimator has not passed its calibration. */
function reservationOf(
  { calibrations = [] }: ReportData,
  { label, method }: ReportPosterior,
): string | undefined {
  if (method !== 'implicit') return undefined;
  return WORDS[calibrations.find((calibration) => calibration.label === label)?.verdict ?? 'missing'];
}

/** The same data with the reservation in the label of each posterior that has one, so that no number or picture of it goes without. */
export function withReservations(data: ReportData): ReportData {
  const { posteriors, comparisons } = data;
  if (!posteriors) return data;
  const marked = posteriors.map((posterior) => {
    const reservation = reservationOf(data, posterior);
    return reservation
      ? { ...posterior, label: `${posterior.label} (${reservation})`, reservation }
      : posterior;
  });
  const markedLabel = (label: string): string =>
    marked[posteriors.findIndex((posterior) => posterior.label === label)]?.label ?? label;
  return {
    ...data,
    posteriors: marked,
    ...(comparisons && {
      comparisons: comparisons.map(({ a, b, ...rest }) => ({
        ...rest,
        a: markedLabel(a),
        b: markedLabel(b),
      })),
    }),
  };
}
