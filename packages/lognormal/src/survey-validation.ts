import { InvalidArgumentError, nearestFftSizes } from '@lensfield/kernels';
import type { Survey } from './survey.ts';

function refuse(argument: string, rule: string, got: unknown, remedy = ''): never {
  const shown = typeof got === 'string' ? got : (JSON.stringify(got) ?? String(got));
  throw new InvalidArgumentError(
    argument,
    `lognormal.validateSurvey: ${argument} must ${rule}; got ${shown}.${remedy && ` ${remedy}`}`,
  );
}

type Fields = Record<string, unknown>;

function asObject(argument: string, value: unknown, keys: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse(argument, 'be an object', value);
  for (const key of Object.keys(value))
    if (!keys.includes(key)) refuse(`${argument}.${key}`, `not be given (keys: ${keys.join(', ')})`, key);
  for (const key of keys) if (!(key in value)) refuse(`${argument}.${key}`, 'be given', undefined);
  return value as Fields;
}

function positive(argument: string, value: unknown, most = Infinity): void {
  if (typeof value !== 'number' || !(value > 0) || !(value < Infinity) || value > most)
    refuse(argument, most < Infinity ? `be positive and at most ${most}` : 'be a positive number', value);
}

function numbers(argument: string, value: unknown): readonly number[] {
  if (!Array.isArray(value) || value.length === 0) refuse(argument, 'be a list of numbers', value);
  const at = value.findIndex((x) => typeof x !== 'number' || !Number.isFinite(x));
  if (at >= 0) refuse(`${argument}[${at}]`, 'be a finite number', value[at]);
  return value;
}

function checkMapSize(value: unknown): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 4)
    refuse('survey.mapSize', 'be an integer of at least 4', value);
  const nearest = nearestFftSizes(value);
  if (!nearest.includes(value))
    refuse('survey.mapSize', 'have no prime factors but 2, 3 and 5', value, `Use ${nearest.join(' or ')}.`);
}

function checkSmail(redshifts: Fields, numBins: number): void {
  const smail = asObject('survey.redshifts', redshifts, [
    'family',
    'alpha',
    'beta',
    'z0',
    'zMax',
    'numBins',
    'photoZError',
  ]);
  for (const key of ['alpha', 'beta', 'z0', 'zMax', 'photoZError'])
    positive(`survey.redshifts.${key}`, smail[key]);
  if (smail.numBins !== numBins)
    refuse(
      'survey.redshifts.numBins',
      `be the number of densities in galaxiesPerArcmin2, ${numBins}`,
      smail.numBins,
    );
}

function checkTable(redshifts: Fields, numBins: number): void {
  const table = asObject('survey.redshifts', redshifts, ['family', 'z', 'density']);
  const z = numbers('survey.redshifts.z', table.z);
  if (z.length < 3 || z[0]! < 0 || z.some((value, i) => i > 0 && value <= z[i - 1]!))
    refuse('survey.redshifts.z', 'have at least 3 ascending redshifts from 0 on', z);
  if (!Array.isArray(table.density) || table.density.length !== numBins)
    refuse(
      'survey.redshifts.density',
      `have one row per bin, ${numBins}`,
      Array.isArray(table.density) ? table.density.length : table.density,
    );
  table.density.forEach((row, bin) => {
    const argument = `survey.redshifts.density[${bin}]`;
    const values = numbers(argument, row);
    if (values.length !== z.length) refuse(argument, `have ${z.length} values, as z has`, values.length);
    if (values.some((value) => value < 0) || !values.some((value) => value > 0))
      refuse(argument, 'be non-negative and not zero everywhere', values);
  });
}

/**
 * Checks a survey of unknown origin (a configuration file) and returns it.
 *
 * @throws {InvalidArgumentError} naming the first key that is missing, unknown, or out of its range.
 */
export function validateSurvey(value: unknown): Survey {
  const survey = asObject('survey', value, [
    'name',
    'mapSize',
    'fieldSizeDeg',
    'galaxiesPerArcmin2',
    'sigmaE',
    'redshifts',
  ]);
  if (typeof survey.name !== 'string' || survey.name === '') refuse('survey.name', 'be a text', survey.name);
  checkMapSize(survey.mapSize);
  /* A flat sky of more than 60 degrees is no approximation any more. */
  positive('survey.fieldSizeDeg', survey.fieldSizeDeg, 60);
  positive('survey.sigmaE', survey.sigmaE);
  const densities = numbers('survey.galaxiesPerArcmin2', survey.galaxiesPerArcmin2);
  if (densities.length > 16) refuse('survey.galaxiesPerArcmin2', 'have at most 16 bins', densities.length);
  densities.forEach((density, bin) => {
    positive(`survey.galaxiesPerArcmin2[${bin}]`, density);
  });
  const redshifts = survey.redshifts as Fields | null;
  if (redshifts?.family === 'smail') checkSmail(redshifts, densities.length);
  else if (redshifts?.family === 'table') checkTable(redshifts, densities.length);
  else refuse('survey.redshifts.family', 'be smail or table', redshifts?.family);
  return value as Survey;
}
