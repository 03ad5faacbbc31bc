import { InvalidArgumentError } from '@lensfield/kernels';
import { SURVEY_PRESETS, type Survey, surveyPreset, validateSurvey } from '@lensfield/lognormal';
import { z } from 'zod';
import { readYaml } from './yaml-file.ts';

const positive = z.number({ error: 'must be a number' }).positive('must be positive');
const numbers = z.array(z.number({ error: 'must be a number' }), { error: 'must be a list of numbers' });

const SurveyFile = z.strictObject({
  name: z.string({ error: 'must be a name' }),
  mapSize: z.number({ error: 'must be a number of pixels' }).int('must be a whole number of pixels'),
  fieldSizeDeg: positive,
  galaxiesPerArcmin2: numbers,
  sigmaE: positive,
  redshifts: z.discriminatedUnion(
    'family',
    [
      z.strictObject({
        family: z.literal('smail'),
        alpha: positive,
        beta: positive,
        z0: positive,
        zMax: positive,
        numBins: z.number({ error: 'must be a number of bins' }).int('must be a whole number'),
        photoZError: z.number({ error: 'must be a number' }).nonnegative('must not be negative'),
      }),
      z.strictObject({ family: z.literal('table'), z: numbers, density: z.array(numbers) }),
    ],
    { error: "must have a family 'smail' or 'table'" },
  ),
});

/**
 * The survey of `--survey`: the name of a preset or the path of a YAML file.
 *
 * @throws {InvalidArgumentError} naming the file, the key, the rule and the value.
 */
export async function loadSurvey(nameOrPath: string): Promise<Survey> {
  if (SURVEY_PRESETS.includes(nameOrPath)) return surveyPreset(nameOrPath);
  if (!/\.ya?ml$/.test(nameOrPath)) {
    throw new InvalidArgumentError(
      '--survey',
      `--survey must be a preset (${SURVEY_PRESETS.join(', ')}) or a .yaml file; got '${nameOrPath}'.`,
    );
  }
  const survey = await readYaml(nameOrPath, SurveyFile, '--survey');
  try {
    return validateSurvey(survey);
  } catch (cause) {
    throw new InvalidArgumentError('--survey', `${nameOrPath}: ${(cause as Error).message}`, { cause });
  }
}
