import { Html, html, trusted } from './html.ts';

export interface ReportFigure {
  /** The name of its file, made of lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly svg: string;
  /** What to see in it, for a student. */
  readonly caption: Html;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly (Html | ReportFigure)[];
  /** Blocks below one another (default) or side by side where there is room. */
  readonly layout?: 'columns';
}

export function renderSection({ id, title, blocks, layout }: Section): Html {
  const body = html`${blocks.map(renderBlock)}`;
  const placed = layout === 'columns' ? html`<div class="columns">${body}</div>` : body;
  return html`<section id="${id}"><h2>${title}</h2>${placed}</section>`;
}

function renderBlock(block: Html | ReportFigure): Html {
  if (block instanceof Html) return block;
  return html`<figure id="figure-${block.name}">${trusted(block.svg)}<figcaption>${block.caption}</figcaption></figure>`;
}

export function figuresOf(section: Section): ReportFigure[] {
  return section.blocks.filter((block): block is ReportFigure => !(block instanceof Html));
}

/** A name for a file or an anchor from any label: lower-case letters, digits and hyphens. */
export function slug(label: string): string {
  return (
    label
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'unnamed'
  );
}
