import { type Html, html, table } from '../html.ts';
import { duration, grouped } from '../number-format.ts';
import type { ReportCost, ReportData } from '../report-data.ts';
import type { Section } from '../section.ts';

export function costSection({ costs = [] }: ReportData): Section | undefined {
  if (costs.length === 0) return undefined;
  const total = totalOf(costs);
  const rows = [
    ...costs.map((cost) => row(cost, html`${cost.stage}`, barOf(cost.seconds, total.seconds))),
    row(total, html`<b>in all</b>`, html``),
  ];
  const blocks = [
    table(
      [
        { head: 'stage' },
        { head: 'time', align: 'right' },
        { head: '' },
        { head: 'simulations', align: 'right' },
        { head: 'gradients', align: 'right' },
      ],
      rows,
    ),
    html`<p class="aside">Simulations are maps drawn from the forward model; gradients are evaluations of the joint density of parameters and field with its
      derivatives.</p>`,
  ];
  return { id: 'cost', title: 'Cost', blocks };
}

function totalOf(costs: readonly ReportCost[]): Omit<ReportCost, 'stage'> {
  const sum = (values: readonly (number | undefined)[]): number =>
    values.reduce<number>((a, b) => a + (b ?? 0), 0);
  return {
    seconds: sum(costs.map((cost) => cost.seconds)),
    simulations: sum(costs.map((cost) => cost.simulations)),
    gradients: sum(costs.map((cost) => cost.gradients)),
  };
}

function row(cost: Omit<ReportCost, 'stage'>, label: Html, bar: Html): (Html | string)[] {
  const count = (value: number | undefined): string => (value ? grouped(value) : '');
  return [label, duration(cost.seconds), bar, count(cost.simulations), count(cost.gradients)];
}

/** A length that shows the share of the whole time. */
function barOf(seconds: number, totalSeconds: number): Html {
  const share = totalSeconds > 0 ? (100 * seconds) / totalSeconds : 0;
  return html`<span class="bars"><span class="bar" style="width:${Math.max(0.5, share).toFixed(1)}%"></span></span>`;
}
