/** `value` with as many decimals as its uncertainty deserves: two digits of `sd`. */
export function withPrecisionOf(value: number, sd: number): string {
  if (!Number.isFinite(value)) return '–';
  if (!(sd > 0)) return significant(value, 4);
  const decimals = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(sd))));
  return minus(rounded(value, decimals));
}

export function significant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  const [mantissa, exponent] = String(Number(value.toPrecision(digits))).split('e');
  return minus(exponent === undefined ? mantissa : `${mantissa}×10${superscript(exponent)}`);
}

function superscript(exponent: string): string {
  const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return Array.from(exponent.replace('+', ''), (c) => (c === '-' ? '⁻' : raised[Number(c)])).join('');
}

export function fixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? minus(rounded(value, decimals)) : '–';
}

/** 1234567 as 1 234 567, with thin spaces. */
export function grouped(count: number): string {
  return minus(String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, '\u2009'));
}

/** 0.0123 as 1.2 %. */
export function percent(share: number): string {
  return `${significant(100 * share, 2)}\u2009%`;
}

/** Seconds as a person says them. */
export function duration(seconds: number): string {
  if (seconds < 0.1) return `${significant(1000 * seconds, 2)}\u2009ms`;
  if (seconds < 60) return `${significant(seconds, seconds < 10 ? 2 : 3)}\u2009s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}\u2009min ${whole % 60}\u2009s`;
  return `${Math.floor(whole / 3600)}\u2009h ${Math.floor((whole % 3600) / 60)}\u2009min`;
}

/** Without the sign that toFixed gives to a negative number that rounds to zero. */
function rounded(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/^-(0(?:\.0*)?)$/, '$1');
}

function minus(text: string): string {
  return text.replace('-', '−');
}
