/** Markup that is safe to put into a page as it is. Made by {@link html} and {@link trusted} only. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = Html | string | number | readonly Part[] | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ESCAPES[c]);
}

/** A template whose values are escaped unless they are themselves {@link Html}; arrays are joined, undefined is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((markup, text, i) => markup + markupOf(parts[i - 1]) + text));
}

function markupOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.markup;
  if (Array.isArray(part)) return part.map(markupOf).join('');
  return escapeHtml(String(part));
}

/** Markup that this program made itself, such as a picture. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

export interface TableColumn {
  readonly head: Html | string;
  /** Numbers stand right, words left. */
  readonly align?: 'left' | 'right';
}

export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly (Html | string | number)[])[],
): Html {
  const alignment = (i: number): Html => (columns[i].align === 'right' ? html` class="number"` : html``);
  const head = columns.map((column, i) => html`<th scope="col"${alignment(i)}>${column.head}</th>`);
  const body = rows.map(
    (row) => html`<tr>${row.map((cell, i) => html`<td${alignment(i)}>${cell}</td>`)}</tr>`,
  );
  return html`<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Terms and their values, as in the facts about a run. */
export function factList(facts: readonly (readonly [string, Html | string | number | undefined])[]): Html {
  const known = facts.filter(([, value]) => value !== undefined);
  return html`<dl class="facts">${known.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}
