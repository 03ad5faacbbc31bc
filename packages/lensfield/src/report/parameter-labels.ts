import { literalLabel } from '@lensfield/plots';
import { type Html, html } from './html.ts';

interface Label {
  /** With the light markup of the pictures. */
  readonly picture: string;
  readonly page: Html;
}

const LABELS: Readonly<Record<string, Label>> = {
  omega_c: { picture: 'Ω_c', page: html`Ω<sub>c</sub>` },
  omega_b: { picture: 'Ω_b', page: html`Ω<sub>b</sub>` },
  sigma_8: { picture: '*σ*_8', page: html`<i>σ</i><sub>8</sub>` },
  h_0: { picture: '*h*', page: html`<i>h</i>` },
  n_s: { picture: '*n*_s', page: html`<i>n</i><sub>s</sub>` },
  w_0: { picture: '*w*_0', page: html`<i>w</i><sub>0</sub>` },
};

/** The symbol of a parameter, or its name where it has none here. */
export function pictureLabel(name: string): string {
  return Object.hasOwn(LABELS, name) ? LABELS[name].picture : literalLabel(name);
}

export function pageLabel(name: string): Html {
  return Object.hasOwn(LABELS, name) ? LABELS[name].page : html`${name}`;
}
