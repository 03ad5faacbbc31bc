import { describe, expect, it } from 'vitest';
import { checksOf, overallStatus } from '../../src/report/checks.ts';
import type { ReportData } from '../../src/report/report-data.ts';
import { exampleReport } from './example-report.ts';

const good = exampleReport();

function statusOf(data: ReportData, name: string): string | undefined {
  return checksOf(data).find((check) => check.name.includes(name))?.status;
}

describe('checksOf', () => {
  it('passes a run in order', () => {
    expect(checksOf(good).map((check) => check.status)).toEqual(new Array(13).fill('passed'));
    expect(overallStatus(checksOf(good))).toBe('passed');
  });

  it('fails a run with faults, each by its own check', () => {
    const faulty = exampleReport({ hasFaults: true });
    for (const name of [
      'chains agree',
      'enough',
      'divergences',
      'ranks',
      'regions',
      'in the means',
      'as a whole',
    ]) {
      expect([name, statusOf(faulty, name)]).toEqual([name, 'failed']);
    }
    expect(statusOf(faulty, 'inside the prior')).toBe('doubtful');
    expect(overallStatus(checksOf(faulty))).toBe('failed');
  });

  it('doubts tests that miss known faults, and fails whatever they reject', () => {
    const [calibration] = good.calibrations!;
    const missed = calibration.controls.map((control) => ({ ...control, numCaught: 9, isCaught: false }));
    const blind = { ...good, calibrations: [{ ...calibration, controls: missed }] };
    expect(statusOf(blind, 'find known faults')).toBe('doubtful');
    const tests = [{ ...calibration.tests[0], name: 'lc2st', method: 'lc2st' as const, isRejected: true }];
    expect(statusOf({ ...good, calibrations: [{ ...calibration, tests }] }, 'right at this map')).toBe(
      'failed',
    );
  });

  it.each([
    [1.004, 'passed'],
    [1.02, 'doubtful'],
    [1.2, 'failed'],
    [Number.NaN, 'failed'],
  ])('judges an R-hat of %d as %s', (rhat, status) => {
    const [run] = good.convergence!;
    const summary = run.summary.map((row, i) => (i === 2 ? { ...row, rhat } : { ...row, rhat: 1 }));
    expect(statusOf({ ...good, convergence: [{ ...run, summary }] }, 'chains agree')).toBe(status);
  });

  it.each([
    [401, 'passed'],
    [399, 'doubtful'],
    [99, 'failed'],
    [Number.NaN, 'failed'],
  ])('judges an effective size of %d as %s', (essTail, status) => {
    const [run] = good.convergence!;
    const summary = run.summary.map((row, i) => (i === 5 ? { ...row, essTail } : row));
    expect(statusOf({ ...good, convergence: [{ ...run, summary }] }, 'enough')).toBe(status);
  });

  it('names what was not measured instead of keeping silent', () => {
    const { calibrations, convergence, ...rest } = good;
    expect(statusOf(rest, 'Calibration of the implicit')).toBe('doubtful');
    expect(statusOf(rest, 'Convergence of the explicit')).toBe('doubtful');
    expect(overallStatus(checksOf(rest))).toBe('doubtful');
  });

  it('never calls a report without checks believable', () => {
    expect(overallStatus([])).toBe('doubtful');
  });

  it('measures the shift between two posteriors in units of the first', () => {
    const at = (mean: number) => ({ shape: [3, 1], data: Float64Array.of(mean - 1, mean, mean + 1) });
    const data: ReportData = {
      title: 't',
      run: good.run,
      parameters: [{ name: 'x' }],
      posteriors: [
        { label: 'a', method: 'reference', samples: at(0) },
        { label: 'b', method: 'reference', samples: at(0.75) },
      ],
      comparisons: [{ a: 'a', b: 'b' }],
    };
    const [check] = checksOf(data);
    expect(check).toEqual({
      status: 'doubtful',
      name: 'a and b agree in the means',
      found: 'largest difference 0.75 sd (x)',
      rule: 'at most 0.5 sd',
    });
  });

  it('refuses a comparison with a posterior that is not there', () => {
    expect(() => checksOf({ ...good, comparisons: [{ a: 'explicit', b: 'nobody' }] })).toThrow(
      "lensfield.renderReport: comparisons must name posteriors of the report ('implicit', 'explicit', 'power spectrum'); got 'nobody'.",
    );
  });
});
