import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from '@lensfield/kernels';
import { parse } from 'yaml';
import type { ZodIssue, ZodType } from 'zod';

/**
 * Reads a YAML file and checks it against a schema.
 *
 * @throws {InvalidArgumentError} with one line that names the file, the key, the rule and the value.
 */
export async function readYaml<T>(path: string, schema: ZodType<T>, argument: string): Promise<T> {
  const value = parseYaml(await readText(path, argument), path, argument);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidArgumentError(argument, `${path}: ${describeIssue(result.error.issues[0]!, value)}`);
}

async function readText(path: string, argument: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new InvalidArgumentError(
      argument,
      `${argument} must be a readable YAML file; got '${path}' (${(cause as NodeJS.ErrnoException).code}).`,
      { cause },
    );
  }
}

function parseYaml(text: string, path: string, argument: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const firstLine = (cause as Error).message.split('\n')[0];
    throw new InvalidArgumentError(argument, `${path}: must be valid YAML; ${firstLine}`, { cause });
  }
}

function describeIssue(issue: ZodIssue, value: unknown): string {
  const key = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const where = key === '' ? '' : ` under '${key}'`;
    return `unknown key ${issue.keys.map((k) => `'${k}'`).join(', ')}${where}. Remove it or correct its spelling.`;
  }
  const found = issue.path.reduce<unknown>(
    (part, step) => (part as Record<PropertyKey, unknown> | undefined)?.[step],
    value,
  );
  return `'${key}' ${issue.message}; got ${JSON.stringify(found) ?? 'nothing'}.`;
}
