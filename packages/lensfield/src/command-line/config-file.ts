import { InvalidArgumentError } from '@lensfield/kernels';
import type { Command } from 'commander';
import { z } from 'zod';
import { readYaml } from '../config/yaml-file.ts';

const ConfigFile = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/**
 * Fills options of `command` from `--config FILE.yaml`, whose keys are the long names of the flags. Flags given on the command line win.
 *
 * @throws {InvalidArgumentError} for a key that is no flag of the command, or a value that the flag refuses.
 */
export async function applyConfigFile(command: Command): Promise<void> {
  const path = command.getOptionValue('config') as string | undefined;
  if (path === undefined) return;
  const values = await readYaml(path, ConfigFile, '--config');
  for (const [key, value] of Object.entries(values)) applyValue(command, path, key, value);
}

function applyValue(command: Command, path: string, key: string, value: string | number | boolean): void {
  const option = command.options.find((o) => o.long === `--${key}` && key !== 'config');
  if (option === undefined) {
    const known = command.options.map((o) => o.long?.slice(2)).filter((name) => name !== 'config');
    throw new InvalidArgumentError(
      '--config',
      `${path}: unknown key '${key}'. Keys are ${known.join(', ')}.`,
    );
  }
  const name = option.attributeName();
  if (command.getOptionValueSource(name) === 'cli') return;
  const parsed = option.parseArg ? option.parseArg(String(value), undefined) : value;
  command.setOptionValueWithSource(name, parsed, 'config');
}
