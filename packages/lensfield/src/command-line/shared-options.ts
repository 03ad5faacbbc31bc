import { type Command, Option } from 'commander';
import { wholeNumber } from './option-values.ts';

/** Options that every command takes. */
export interface SharedOptions {
  readonly out: string;
  readonly seed: number;
  readonly threads?: number;
  readonly config?: string;
  readonly json?: boolean;
}

/** Adds them to a command. `out` is the folder that results go to where `--out` is not given. */
export function withSharedOptions(command: Command, out: string): Command {
  return command
    .option('--out <folder>', 'folder for the results', out)
    .addOption(
      new Option('--seed <n>', 'names every random number of the run')
        .argParser(wholeNumber('--seed', 0))
        .default(1),
    )
    .addOption(
      new Option('--threads <n>', 'processor cores to use (default: all)').argParser(
        wholeNumber('--threads', 1),
      ),
    )
    .option('--config <file>', 'YAML file with values of these options; flags win')
    .option('--json', 'print the result as one JSON line on standard output');
}
