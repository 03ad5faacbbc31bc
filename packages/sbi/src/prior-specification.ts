import { InvalidArgumentError } from '@lensfield/kernels';
import type { Distribution } from './distributions/distribution.ts';
import { logNormal } from './distributions/log-normal.ts';
import { normal } from './distributions/normal.ts';
import type { DistributionSpecification, PriorSpecification } from './distributions/specification.ts';
import { truncatedNormal } from './distributions/truncated-normal.ts';
import { uniform } from './distributions/uniform.ts';
import { type FixedValue, fixed, type JointPrior, jointPrior } from './joint-prior.ts';

/** Required and optional numbers of each distribution: what a specification may say. */
const FIELDS: Readonly<Record<string, { required: readonly string[]; optional: readonly string[] }>> = {
  normal: { required: ['mean', 'sd'], optional: [] },
  truncatedNormal: { required: ['mean', 'sd'], optional: ['low', 'high'] },
  uniform: { required: ['low', 'high'], optional: [] },
  logNormal: { required: ['meanLog', 'sdLog'], optional: [] },
  fixed: { required: ['value'], optional: [] },
};

/**
 * The distribution that plain data describe, as in `{ distribution: 'normal', mean: 0, sd: 1 }`.
 *
 * @throws {InvalidArgumentError} for an unknown distribution, a missing or unknown number, or numbers that the
 *   distribution refuses.
 */
export function distributionOf(specification: DistributionSpecification): Distribution {
  requireFields('distribution', specification);
  switch (specification.distribution) {
    case 'normal':
      return normal(specification);
    case 'truncatedNormal':
      return truncatedNormal(specification);
    case 'uniform':
      return uniform(specification);
    case 'logNormal':
      return logNormal(specification);
  }
}

/**
 * The joint prior that plain data describe: what a YAML or JSON file says. A bare number fixes a parameter.
 *
 * @example
 * priorOf({ omega_c: { distribution: 'truncatedNormal', mean: 0.2664, sd: 0.2, low: 0 }, h_0: 0.6727 });
 *
 * @throws {InvalidArgumentError} naming the parameter and what is wrong with it.
 */
export function priorOf(specification: PriorSpecification | Readonly<Record<string, unknown>>): JointPrior {
  const parameters: Record<string, Distribution | FixedValue> = {};
  for (const [name, entry] of Object.entries(specification)) parameters[name] = parameterOf(name, entry);
  return jointPrior(parameters);
}

function parameterOf(name: string, entry: unknown): Distribution | FixedValue {
  try {
    if (typeof entry === 'number') return fixed(entry);
    requireFields(name, entry);
    const specification = entry as PriorSpecification[string];
    return specification.distribution === 'fixed'
      ? fixed(specification.value)
      : distributionOf(specification);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason.startsWith('sbi.priorOf')) throw error;
    throw new InvalidArgumentError(name, `sbi.priorOf: ${name} must be a valid distribution; ${reason}`, {
      cause: error,
    });
  }
}

function requireFields(name: string, entry: unknown): void {
  const record = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  const kind = String(record.distribution);
  const fields = FIELDS[kind];
  if (!fields) {
    const known = Object.keys(FIELDS).join(', ');
    throw new InvalidArgumentError(
      name,
      `sbi.priorOf: ${name} must be a number or have a distribution out of ${known}; got ${JSON.stringify(entry)}.`,
    );
  }
  const allowed = ['distribution', ...fields.required, ...fields.optional];
  const unknownField = Object.keys(record).find((field) => !allowed.includes(field));
  if (unknownField !== undefined) {
    throw new InvalidArgumentError(
      name,
      `sbi.priorOf: ${name} (${kind}) must have only ${allowed.slice(1).join(', ')}; got ${unknownField}.`,
    );
  }
  const missing = fields.required.find((field) => !(field in record));
  if (missing !== undefined) {
    throw new InvalidArgumentError(
      name,
      `sbi.priorOf: ${name} (${kind}) must have ${missing}; it is missing.`,
    );
  }
}
