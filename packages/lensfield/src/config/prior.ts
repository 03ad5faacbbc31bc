import { InvalidArgumentError } from '@lensfield/kernels';
import { type JointPrior, paperPrior, priorOf } from '@lensfield/sbi';
import { z } from 'zod';
import { readYaml } from './yaml-file.ts';

const PriorFile = z.record(z.string(), z.unknown());

/**
 * The prior of `--prior FILE.yaml`: for each parameter a distribution or a fixed value. Parameters that the file leaves out keep the
 * paper's distribution; without a file all do.
 *
 * @throws {InvalidArgumentError} naming the file, the parameter, the rule and the value.
 */
export async function loadPrior(path: string | undefined): Promise<JointPrior> {
  const paper = paperPrior();
  if (path === undefined) return paper;
  const specification = await readYaml(path, PriorFile, '--prior');
  const unknown = Object.keys(specification).find((name) => !paper.parameterNames.includes(name));
  if (unknown !== undefined) {
    const known = paper.parameterNames.join(', ');
    throw new InvalidArgumentError(
      '--prior',
      `${path}: unknown parameter '${unknown}'. Parameters are ${known}.`,
    );
  }
  try {
    return priorOf({ ...paper.specification, ...specification });
  } catch (cause) {
    throw new InvalidArgumentError('--prior', `${path}: ${(cause as Error).message}`, { cause });
  }
}
