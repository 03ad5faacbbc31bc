/** Central difference of a scalar function along `direction`: error O(step^2). */
export function directionalDerivative(
  f: (position: Float64Array) => number,
  position: Float64Array,
  direction: Float64Array,
  step: number,
): number {
  const shifted = (sign: number) => f(position.map((value, i) => value + sign * step * direction[i]!));
  return (shifted(1) - shifted(-1)) / (2 * step);
}

/** Central difference with one Richardson step: error O(step^4). */
export function richardsonDerivative(f: (x: number) => number, x: number, step: number): number {
  const central = (h: number) => (f(x + h) - f(x - h)) / (2 * h);
  return (4 * central(step / 2) - central(step)) / 3;
}

/** The whole gradient of a scalar function, by Richardson-extrapolated central differences in each coordinate. */
export function gradientByDifferences(
  f: (position: Float64Array) => number,
  position: Float64Array,
  step: number,
): Float64Array {
  return position.map((value, i) =>
    richardsonDerivative(
      (x) => {
        const moved = position.slice();
        moved[i] = x;
        return f(moved);
      },
      value,
      step,
    ),
  );
}
