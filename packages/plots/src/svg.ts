import { THEME } from './theme.ts';

type Attributes = Readonly<Record<string, string | number | undefined>>;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe as content or attribute; control characters, which XML forbids, are dropped. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters that XML 1.0 forbids
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"']/g, (c) => ESCAPES[c]);
}

/** A coordinate to a hundredth of a pixel, which halves the size of a file and shows in none. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `<tag a="b">content</tag>`; attributes that are undefined are left out, numbers are rounded as coordinates. */
export function element(tag: string, attributes: Attributes, content = ''): string {
  let text = `<${tag}`;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    text += ` ${name}="${typeof value === 'number' ? px(value) : escapeXml(value)}"`;
  }
  return content === '' ? `${text}/>` : `${text}>${content}</${tag}>`;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws `content` in the coordinates of the whole picture and cuts it at `box`. A nested svg clips without an id, so that many
 * pictures can stand in one page.
 */
export function clipped(box: Box, content: string): string {
  if (content === '') return '';
  return element(
    'svg',
    { ...box, viewBox: [box.x, box.y, box.width, box.height].map(px).join(' ') },
    content,
  );
}

/** A whole picture. `description` is what a screen reader says. */
export function svgDocument(width: number, height: number, description: string, content: string): string {
  const background = element('rect', { width, height, fill: THEME.background });
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${px(width)} ${px(height)}`,
      role: 'img',
      'aria-label': description,
      'font-family': THEME.fontFamily,
      fill: THEME.ink,
    },
    background + content,
  );
}

export interface LineStyle {
  readonly stroke: string;
  readonly width?: number;
  readonly dash?: string;
  readonly opacity?: number;
}

export function segment(x1: number, y1: number, x2: number, y2: number, style: LineStyle): string {
  return element('line', {
    x1,
    y1,
    x2,
    y2,
    stroke: style.stroke,
    'stroke-width': style.width ?? 1,
    'stroke-dasharray': style.dash,
    'stroke-opacity': style.opacity,
  });
}
