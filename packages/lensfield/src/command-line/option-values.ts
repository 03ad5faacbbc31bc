import { InvalidArgumentError } from '@lensfield/kernels';

/** A parser for commander: a whole number of at least `lowest`. */
export function wholeNumber(flag: string, lowest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= lowest) return value;
    throw new InvalidArgumentError(
      flag,
      `${flag} must be a whole number of at least ${lowest}; got '${text}'.`,
    );
  };
}

/** A parser for commander: a positive number. */
export function positiveNumber(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
    throw new InvalidArgumentError(flag, `${flag} must be a positive number; got '${text}'.`);
  };
}

/** A parser for commander: one of the words. */
export function oneOf<T extends string>(flag: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(flag, `${flag} must be one of ${words.join(', ')}; got '${text}'.`);
  };
}
