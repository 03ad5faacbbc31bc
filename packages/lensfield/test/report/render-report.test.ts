import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderReport, reportFigures } from '../../src/report/render-report.ts';
import type { ReportData } from '../../src/report/report-data.ts';
import { writeReportFigures } from '../../src/report/write-figures.ts';
import { exampleReport } from './example-report.ts';

const VOID_TAGS = new Set(['meta', 'br', 'img']);

/** Throws unless every tag is closed in order: the page is then a tree as it was meant. */
function expectBalanced(page: string): void {
  const open: string[] = [];
  for (const [, close, name, selfClosed] of page.matchAll(/<(\/?)([a-zA-Z][\w]*)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (VOID_TAGS.has(name) || selfClosed) continue;
    if (close) expect(open.pop()).toBe(name);
    else open.push(name);
  }
  expect(open).toEqual([]);
}

const minimal: ReportData = {
  title: 'Only a title',
  run: exampleReport().run,
  parameters: [],
};

describe('renderReport', () => {
  const page = renderReport(exampleReport());

  it('has every section, a picture for each figure, and closes what it opens', () => {
    const ids = [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([
      'verdict',
      'posteriors',
      'merit',
      'comparison',
      'survey',
      'maps',
      'spectra',
      'calibration',
      'convergence',
      'training',
      'cost',
      'run',
    ]);
    expect(page.match(/<figure /g)).toHaveLength(reportFigures(exampleReport()).length);
    expectBalanced(page);
  });

  it('says how much sharper the full field is than its power spectra', () => {
    const merit = page.slice(page.indexOf('<section id="merit"'), page.indexOf('<section id="comparison"'));
    // Draws half as wide again in both directions: 1.5^2 = 2.25 in every plane.
    expect(merit.match(/× 2\.25/g)).toHaveLength(3);
    expect(merit).toContain('power spectrum');
    const alone = { ...exampleReport(), posteriors: exampleReport().posteriors!.slice(0, 2) };
    expect(renderReport(alone)).not.toContain('<section id="merit"');
  });

  it('needs nothing but itself', () => {
    expect(page).not.toMatch(/<script|<link|<iframe|@import|url\(/i);
    const addresses = [...page.matchAll(/(?:src|href)="([^"]{0,30})/g)].map(([, address]) => address);
    for (const address of addresses) expect(address).toMatch(/^(#[a-z]+|data:image\/png;base64,)/);
  });

  it('says the verdict before anything else', () => {
    expect(page).toContain('Yes: all 13 checks passed.');
    expect(page.indexOf('Can I believe this?')).toBeLessThan(page.indexOf('<svg'));
    const faulty = renderReport(exampleReport({ hasFaults: true }));
    expect(faulty).toContain('Not yet: 7 of 13 checks failed and 1 left in doubt.');
    expect(faulty).toContain('The sampler was stopped by --minutes');
  });

  it('says at which end of which parameter divergences gather, and only then', () => {
    const faulty = renderReport(exampleReport({ hasFaults: true }));
    expect(faulty).toContain('draws, at the low end of sigma_8');
    expect(faulty).toContain('gather at one end of <i>σ</i><sub>8</sub> (low)');
    const nowhere = exampleReport({ hasFaults: true }).convergence!.map((run) => ({
      ...run,
      divergenceLocations: run.divergenceLocations!.map(({ end, ...rest }) => rest),
    }));
    const anywhere = renderReport({ ...exampleReport({ hasFaults: true }), convergence: nowhere });
    expect(anywhere).toContain('they point to no parameter');
    expect(anywhere).not.toContain('low end');
    expect(page).not.toContain('Divergent trajectories');
  });

  it('says of every picture and number of an estimator that has not passed that it has not', () => {
    const data = exampleReport();
    const [calibration] = data.calibrations!;
    const { calibrations, ...without } = data;
    const cases: [ReportData, string][] = [
      [exampleReport({ hasFaults: true }), 'implicit (calibration failed)'],
      [
        { ...data, calibrations: [{ ...calibration, verdict: 'no power' }] },
        'implicit (too few simulations to calibrate)',
      ],
      [without, 'implicit (not calibrated)'],
    ];
    for (const [one, label] of cases) {
      const corner = reportFigures(one).find(({ name }) => name === 'corner')!;
      expect(corner.svg).toContain(label);
      expect(corner.caption.markup).toContain(`Not to be relied on: ${label}`);
      const marked = renderReport(one);
      for (const id of ['posteriors', 'merit', 'comparison']) {
        const start = marked.indexOf(`<section id="${id}"`);
        expect(marked.slice(start, marked.indexOf('</section>', start))).toContain(`${label}`);
      }
    }
    expect(page).not.toMatch(/implicit \(|Not to be relied on/);
  });

  it('shades the spectra of posterior maps', () => {
    const { spectra, ...rest } = exampleReport();
    const { ell, values } = spectra!.curves[0];
    const rows = (factor: number) => values.map((row) => Array.from(row, (value) => factor * value));
    const bands = [{ label: 'posterior maps, 95 %', ell, low: rows(0.8), high: rows(1.2) }];
    const shaded = renderReport({ ...rest, spectra: { ...spectra!, bands } });
    expect(shaded).toContain('posterior maps, 95 %');
    expect(shaded).toContain('Shaded: spectra of maps drawn from the posterior');
    expect(page).not.toContain('Shaded:');
  });

  it('shows no number that is not one', () => {
    expect(page.replace(/base64,[^"]*/g, '')).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('writes a page from a title and a run alone', () => {
    const bare = renderReport(minimal);
    expectBalanced(bare);
    expect(bare).toContain('Nothing was checked.');
    expect([...bare.matchAll(/<section id="([a-z]+)"/g)].map(([, id]) => id)).toEqual(['verdict', 'run']);
  });

  it('escapes every string that it is given', () => {
    const evil = '<script>alert("x")</script>';
    const data = exampleReport();
    const [implicit, explicit] = data.posteriors!;
    const hostile = renderReport({
      ...data,
      title: evil,
      summary: evil,
      run: {
        ...data.run,
        command: evil,
        options: { [evil]: evil },
        versions: { [evil]: evil },
        inputs: { [evil]: evil },
      },
      parameters: data.parameters.map((parameter) => ({ ...parameter, name: evil, prior: evil })),
      survey: { ...data.survey!, name: evil, parity: evil },
      observation: { ...data.observation!, source: evil },
      posteriors: [{ ...implicit, label: evil }, explicit],
      comparisons: [{ a: 'explicit', b: evil }],
      convergence: [
        {
          ...data.convergence![0],
          label: evil,
          summary: data.convergence![0].summary.map((row) => ({ ...row, name: evil })),
        },
      ],
      calibrations: data.calibrations!.map((one) => ({
        ...one,
        label: evil,
        sbc: one.sbc.map((row) => ({ ...row, name: evil })),
      })),
      trainings: [{ label: evil, training: [1, 2], lossName: evil, stepName: evil }],
      costs: [{ stage: evil, seconds: 1 }],
      notes: [
        { level: 'info', text: evil },
        { level: 'warning', text: evil },
      ],
      checks: [{ status: 'passed', name: evil, found: evil, rule: evil }],
    });
    expect(hostile).not.toContain('<script');
    expectBalanced(hostile);
  });
});

describe('reportFigures', () => {
  it('keeps names apart that a file system would not', () => {
    const [run] = exampleReport().convergence!;
    const data = { ...exampleReport(), convergence: [run, { ...run, label: 'explicit!' }] };
    const names = reportFigures(data).map((figure) => figure.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
  });

  it('writes each picture as SVG and PNG', async () => {
    const { spectra, trainings, ...rest } = exampleReport();
    const folder = join(await mkdtemp(join(tmpdir(), 'lensfield-figures-')), 'figures');
    const paths = await writeReportFigures(folder, {
      ...minimal,
      ...(trainings ? { trainings } : {}),
      run: rest.run,
    });
    expect((await readdir(folder)).sort()).toEqual([
      'loss-compressor.png',
      'loss-compressor.svg',
      'loss-density-estimator.png',
      'loss-density-estimator.svg',
    ]);
    expect(paths).toHaveLength(4);
    // The eight bytes with which every PNG begins.
    expect([...(await readFile(paths[1])).subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  });
});
