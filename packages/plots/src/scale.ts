/** A number as an axis writes it: the value and its label. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Takes data to px along one axis, and knows its round numbers. */
export interface Scale {
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  position(value: number): number;
  /** About `count` labelled round values inside the domain. */
  ticks(count: number): Tick[];
  /** Unlabelled marks between the ticks. */
  minorTicks(): number[];
}

type Pair = readonly [number, number];

export function linearScale(domain: Pair, range: Pair): Scale {
  const factor = (range[1] - range[0]) / (domain[1] - domain[0]);
  return {
    domain,
    range,
    position: (value) => range[0] + (value - domain[0]) * factor,
    ticks: (count) => linearTicks(domain, count),
    minorTicks: () => [],
  };
}

/** Logarithmic; both ends of the domain are positive. */
export function logScale(domain: Pair, range: Pair): Scale {
  const [low, high] = [Math.log10(domain[0]), Math.log10(domain[1])];
  const factor = (range[1] - range[0]) / (high - low);
  return {
    domain,
    range,
    position: (value) => range[0] + (Math.log10(value) - low) * factor,
    ticks: (count) => logTicks(domain, count),
    minorTicks: () => decadeMarks(domain),
  };
}

/** A domain that holds all of `values` with a margin, a fraction of the spread, on either side. */
export function paddedDomain(low: number, high: number, margin = 0.05): [number, number] {
  const spread = high - low || Math.abs(high) * 0.1 || 1;
  return [low - margin * spread, high + margin * spread];
}

/** The same for a logarithmic axis. */
export function paddedLogDomain(low: number, high: number, margin = 0.05): [number, number] {
  const [a, b] = paddedDomain(Math.log10(low), Math.log10(high), margin);
  return [10 ** a, 10 ** b];
}

function niceStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return factor * power;
}

function linearTicks([low, high]: Pair, count: number): Tick[] {
  const step = niceStep(high - low, count);
  const ticks: Tick[] = [];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const format = formatterForStep(step, Math.max(Math.abs(low), Math.abs(high)));
  for (let i = first; i <= last; i++) ticks.push({ value: i * step, label: format(i * step) });
  return ticks;
}

/** Decimals as the step needs them; powers of ten only where decimals would be long. */
function formatterForStep(step: number, largest: number): (value: number) => string {
  if (largest >= 1e5 || largest < 1e-3) {
    const exponent = Math.floor(Math.log10(largest));
    const digits = Math.max(0, exponent - Math.floor(Math.log10(step) + 1e-9));
    return (value) =>
      value === 0
        ? '0'
        : `${minus((value / 10 ** exponent).toFixed(digits))}×10^{${minus(String(exponent))}}`;
  }
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return (value) => minus((Math.abs(value) < step * 1e-6 ? 0 : value).toFixed(decimals));
}

function logTicks([low, high]: Pair, count: number): Tick[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first >= 1) {
    const stride = Math.max(1, Math.ceil((last - first + 1) / Math.max(2, count)));
    const ticks: Tick[] = [];
    for (let e = Math.ceil(first / stride) * stride; e <= last; e += stride) ticks.push(decadeTick(10 ** e));
    return ticks;
  }
  // Less than a decade and a bit: label round multiples instead, fewer kinds where fewer are wanted.
  const marks = decadeMarks([low, high]);
  const mantissa = (value: number): number => Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
  const choices = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1], [2], [5]].map((kinds) =>
    marks.filter((value) => kinds.includes(mantissa(value))),
  );
  const chosen = choices.find((values) => values.length >= 1 && values.length <= Math.max(1, count)) ?? [];
  return chosen.map(decadeTick);
}

function decadeTick(value: number): Tick {
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  if (exponent >= -2 && exponent <= 4) return { value, label: String(Number(value.toPrecision(6))) };
  const mantissa = Math.round(value / 10 ** exponent);
  return { value, label: `${mantissa === 1 ? '' : `${mantissa}×`}10^{${minus(String(exponent))}}` };
}

function decadeMarks([low, high]: Pair): number[] {
  const marks: number[] = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
    for (let m = 1; m < 10; m++) {
      const value = m * 10 ** e;
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) marks.push(value);
    }
  }
  return marks;
}

/** The typographic minus sign, as wide as a digit. */
export function minus(text: string): string {
  return text.replace('-', '−');
}
