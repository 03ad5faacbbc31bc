import { overallStatus } from './checks.ts';
import { type Html, html } from './html.ts';
import type { CheckStatus, ReportCheck, ReportNote } from './report-data.ts';

// A sign as well as a colour, for readers who do not tell red from green.
const SIGNS: Readonly<Record<CheckStatus, string>> = { passed: '✓', doubtful: '!', failed: '✕' };

const ORDER: readonly CheckStatus[] = ['failed', 'doubtful', 'passed'];

/** The answer to "can I believe this?", its reasons, and the warnings of the run. */
export function renderVerdict(checks: readonly ReportCheck[], notes: readonly ReportNote[]): Html {
  const status = overallStatus(checks);
  const sorted = [...checks].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  const warnings = notes.filter((note) => note.level === 'warning');
  return html`<section id="verdict" class="verdict ${status}">
    <p class="question">Can I believe this?</p>
    <p class="answer">${answer(status, checks)}</p>
    <ul class="checks">${sorted.map(renderCheck)}</ul>
    ${warnings.length > 0 ? html`<ul class="warnings">${warnings.map((note) => html`<li>${note.text}</li>`)}</ul>` : undefined}
  </section>`;
}

function renderCheck({ status, name, found, rule }: ReportCheck): Html {
  return html`<li class="${status}"><span class="sign" title="${status}">${SIGNS[status]}</span>
    <span class="name">${name}</span> <span class="found">${found}</span> <span class="rule">${rule}</span></li>`;
}

function answer(status: CheckStatus, checks: readonly ReportCheck[]): string {
  const count = (wanted: CheckStatus): number => checks.filter((check) => check.status === wanted).length;
  const of = `of ${checks.length} ${checks.length === 1 ? 'check' : 'checks'}`;
  if (checks.length === 0) return 'Nothing was checked.';
  if (status === 'passed')
    return checks.length === 1 ? 'Yes: its one check passed.' : `Yes: all ${checks.length} checks passed.`;
  if (status === 'doubtful') return `With care: ${count('doubtful')} ${of} left in doubt.`;
  const doubtful = count('doubtful');
  return `Not yet: ${count('failed')} ${of} failed${doubtful > 0 ? ` and ${doubtful} left in doubt` : ''}.`;
}
