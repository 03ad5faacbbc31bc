import { factList, html } from '../html.ts';
import type { ReportData } from '../report-data.ts';
import type { Section } from '../section.ts';

export function runSection({ run, notes = [] }: ReportData): Section {
  const inputs = Object.entries(run.inputs).map(
    ([path, hash]) => html`<div>${path} <code>${hash.slice(0, 16)}</code></div>`,
  );
  const options = Object.entries(run.options).map(
    ([name, value]) => html`<tr><td><code>${name}</code></td><td>${textOf(value)}</td></tr>`,
  );
  const remarks = notes.filter((note) => note.level === 'info').map((note) => html`<li>${note.text}</li>`);
  return {
    id: 'run',
    title: 'How this was made',
    blocks: [
      html`<pre class="command"><code>${run.command}</code></pre>`,
      factList([
        [
          'versions',
          Object.entries(run.versions)
            .map(([name, version]) => `${name} ${version}`)
            .join(', '),
        ],
        ['machine', `Node ${run.machine.node} on ${run.machine.platform}`],
        [
          'kernels',
          `${run.machine.backend}, ${run.machine.threads} ${run.machine.threads === 1 ? 'thread' : 'threads'}`,
        ],
        ['inputs (SHA-256)', inputs.length > 0 ? html`${inputs}` : undefined],
      ]),
      ...(options.length > 0
        ? [html`<details><summary>All options</summary><table>${options}</table></details>`]
        : []),
      ...(remarks.length > 0 ? [html`<ul>${remarks}</ul>`] : []),
    ],
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
