import type { LogDensityAndGradient } from '@lensfield/contracts';

/** A standard normal: writes the gradient, returns the log density. */
export const standardNormal: LogDensityAndGradient = (position, gradient) => {
  let logDensity = 0;
  for (let i = 0; i < position.length; i++) {
    logDensity -= 0.5 * position[i]! ** 2;
    gradient[i] = -position[i]!;
  }
  return logDensity;
};
