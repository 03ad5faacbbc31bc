import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { compareCommand } from '../commands/compare.ts';
import { demoCommand } from '../commands/demo.ts';
import { inferExplicitCommand } from '../commands/infer-explicit.ts';
import { inferImplicitCommand } from '../commands/infer-implicit.ts';
import { inferSpectraCommand } from '../commands/infer-spectra.ts';
import { reportCommand } from '../commands/report.ts';
import { reproduceCommand } from '../commands/reproduce.ts';
import { simulateCommand } from '../commands/simulate.ts';
import { DONE, exitCodeOf, messageOf, WRONG_INPUT } from './exit-codes.ts';

/** The command line as data: commands and their options. */
export function buildProgram(): Command {
  const { version } = createRequire(import.meta.url)('lensfield/package.json') as { version: string };
  const infer = new Command('infer')
    .description('cosmology from one map')
    .addCommand(inferImplicitCommand())
    .addCommand(inferExplicitCommand())
    .addCommand(inferSpectraCommand());
  const program = new Command('lensfield')
    .description('Field-level inference for weak-lensing cosmology')
    .version(version)
    .addCommand(demoCommand())
    .addCommand(simulateCommand())
    .addCommand(infer)
    .addCommand(compareCommand())
    .addCommand(reportCommand())
    .addCommand(reproduceCommand());
  throwInsteadOfExit(program);
  return program;
}

/** Runs a command line; returns the exit code. Errors go to standard error as one line. */
export async function runProgram(args: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync([...args], { from: 'user' });
    return DONE;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : wrongCommand(error);
    process.stderr.write(`${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
}

function wrongCommand(error: CommanderError): number {
  if (error.code !== 'commander.help') {
    process.stderr.write(
      `lensfield: ${error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')}. See lensfield --help.\n`,
    );
  }
  return WRONG_INPUT;
}

/** Commander's own messages span lines and its exit code for wrong input is 1: both are ours. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} });
  for (const child of command.commands) throwInsteadOfExit(child as Command);
}
