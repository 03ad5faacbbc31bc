import { element, escapeXml } from './svg.ts';
import { THEME } from './theme.ts';

/** A stretch of a label that is set in one way. */
interface Run {
  readonly text: string;
  readonly script: 'normal' | 'sub' | 'super';
  readonly italic: boolean;
}

const SCRIPT_SCALE = 0.72;

/**
 * Splits a label such as `*σ*_8`, `*C*_{ij}` or `10^{−3}`: `_` lowers and `^` raises the next character or braced group, `*` sets in
 * italics up to the next `*`. A backslash takes the next character literally.
 */
export function labelRuns(label: string): Run[] {
  const runs: Run[] = [];
  let italic = false;
  let text = '';
  const flush = (script: Run['script'], content: string): void => {
    if (content !== '') runs.push({ text: content, script, italic });
  };
  const characters = [...label];
  for (let i = 0; i < characters.length; i++) {
    const c = characters[i];
    if (c === '\\' && i + 1 < characters.length) {
      text += characters[++i];
    } else if (c === '*') {
      flush('normal', text);
      text = '';
      italic = !italic;
    } else if ((c === '_' || c === '^') && i + 1 < characters.length) {
      flush('normal', text);
      text = '';
      const close = characters[i + 1] === '{' ? characters.indexOf('}', i) : -1;
      const group = close > 0 ? characters.slice(i + 2, close).join('') : characters[i + 1];
      i = close > 0 ? close : i + 1;
      flush(c === '_' ? 'sub' : 'super', group);
    } else {
      text += c;
    }
  }
  flush('normal', text);
  return runs;
}

/** Text, such as a file name, made safe against being read as markup. */
export function literalLabel(text: string): string {
  return text.replace(/[\\*_^]/g, '\\$&');
}

/** The label without its markup, for descriptions read aloud. */
export function plainLabel(label: string): string {
  return labelRuns(label)
    .map((run) => run.text)
    .join('');
}

// Advance widths of Source Sans 3 Regular for U+0020 to U+007E, in thousandths of the font size.
const ADVANCES = [
  200, 289, 426, 497, 497, 824, 609, 249, 303, 303, 418, 497, 249, 311, 249, 350, 497, 497, 497, 497, 497,
  497, 497, 497, 497, 497, 249, 249, 497, 497, 497, 425, 847, 543, 588, 571, 615, 527, 494, 617, 652, 263,
  479, 579, 486, 727, 647, 664, 566, 664, 569, 534, 536, 645, 515, 786, 513, 476, 539, 303, 350, 303, 497,
  500, 542, 504, 553, 456, 555, 496, 292, 504, 544, 246, 247, 495, 255, 829, 547, 542, 555, 555, 347, 419,
  338, 544, 467, 719, 446, 467, 425, 303, 241, 303, 497,
];
const OTHER_ADVANCE = 600;

// Pages may set the text in a wider relative of the font (Arial is up to a ninth wider): layout leaves room for it.
const FALLBACK_ALLOWANCE = 1.1;

/** Width in px that a label needs, generous enough for the fallback fonts. */
export function labelWidth(label: string, fontSize: number): number {
  let width = 0;
  for (const run of labelRuns(label)) {
    const scale = run.script === 'normal' ? 1 : SCRIPT_SCALE;
    for (const c of run.text) width += scale * (ADVANCES[c.codePointAt(0)! - 32] ?? OTHER_ADVANCE);
  }
  return (width / 1000) * fontSize * FALLBACK_ALLOWANCE;
}

export interface LabelStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly colour?: string;
  readonly weight?: number;
  /** Degrees, clockwise about the anchor point. */
  readonly rotate?: number;
}

/** Text with its baseline at (x, y), markup as in {@link labelRuns}. */
export function label(text: string, x: number, y: number, style: LabelStyle = {}): string {
  const size = style.size ?? THEME.tickSize;
  let drop = 0;
  const spans = labelRuns(text).map((run) => {
    const target = run.script === 'sub' ? 0.22 * size : run.script === 'super' ? -0.36 * size : 0;
    const attributes = {
      dy: target === drop ? undefined : target - drop,
      'font-size': run.script === 'normal' ? undefined : size * SCRIPT_SCALE,
      'font-style': run.italic ? 'italic' : undefined,
    };
    drop = target;
    const plain = Object.values(attributes).every((value) => value === undefined);
    return plain ? escapeXml(run.text) : element('tspan', attributes, escapeXml(run.text));
  });
  return element(
    'text',
    {
      x,
      y,
      'font-size': size,
      'text-anchor': style.anchor === 'start' ? undefined : style.anchor,
      fill: style.colour,
      'font-weight': style.weight,
      transform: style.rotate
        ? `rotate(${style.rotate} ${Math.round(x * 100) / 100} ${Math.round(y * 100) / 100})`
        : undefined,
      // Keeps the space between runs that XML would otherwise be free to drop.
      'xml:space': spans.length > 1 ? 'preserve' : undefined,
    },
    spans.join(''),
  );
}
