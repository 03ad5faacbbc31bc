/**
 * A number with its derivatives in two variables (here the physical densities of matter and of baryons). For the few scalars that
 * are made once for each cosmology; loops over nodes use chain rules written out instead.
 */
export interface Dual {
  readonly value: number;
  readonly by: readonly [matter: number, baryons: number];
}

export function variable(value: number, which: 0 | 1): Dual {
  return { value, by: [which === 0 ? 1 : 0, which === 1 ? 1 : 0] };
}

function chain(value: number, slope: number, { by }: Dual): Dual {
  return { value, by: [slope * by[0], slope * by[1]] };
}

export function add(a: Dual, b: Dual | number): Dual {
  if (typeof b === 'number') return { value: a.value + b, by: a.by };
  return { value: a.value + b.value, by: [a.by[0] + b.by[0], a.by[1] + b.by[1]] };
}

export function scale(a: Dual, factor: number): Dual {
  return chain(a.value * factor, factor, a);
}

export function multiply(...factors: readonly Dual[]): Dual {
  return factors.reduce((a, b) => ({
    value: a.value * b.value,
    by: [a.by[0] * b.value + a.value * b.by[0], a.by[1] * b.value + a.value * b.by[1]],
  }));
}

export function divide(a: Dual, b: Dual): Dual {
  const value = a.value / b.value;
  return { value, by: [(a.by[0] - value * b.by[0]) / b.value, (a.by[1] - value * b.by[1]) / b.value] };
}

export function power(a: Dual, exponent: number): Dual {
  const value = a.value ** exponent;
  return chain(value, a.value === 0 ? 0 : (exponent * value) / a.value, a);
}

export function exponential(a: Dual): Dual {
  const value = Math.exp(a.value);
  return chain(value, value, a);
}

export function logarithm(a: Dual): Dual {
  return chain(Math.log(a.value), 1 / a.value, a);
}

/** a^b for a >= 0; zero with zero slope at a = 0. */
export function powerOf(a: Dual, b: Dual): Dual {
  if (a.value === 0) return { value: 0, by: [0, 0] };
  return exponential(multiply(b, logarithm(a)));
}
