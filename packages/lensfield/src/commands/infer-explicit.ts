import { Command, Option } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { oneOf, positiveNumber, wholeNumber } from '../command-line/option-values.ts';
import { printResult } from '../command-line/print-result.ts';
import { SAMPLER_NAMES, SAMPLERS } from '../recipes/samplers.ts';
import { EXPLICIT_DEFAULTS, type ExplicitCommandOptions, makeExplicitRun } from './explicit-run.ts';
import { noiseOption, withInferenceOptions } from './inference-setup.ts';

export function inferExplicitCommand(): Command {
  const command = new Command('explicit').description(
    'sample cosmology and every latent pixel of one map together',
  );
  return withInferenceOptions(command, 'lensfield-explicit')
    .addOption(noiseOption())
    .addOption(
      new Option(
        '--sampler <name>',
        'hmc (exact motion in the Gaussian of the linear model), mclmc (Metropolis-adjusted, one step a draw) or nuts (trajectories of 63 steps at most)',
      )
        .argParser(oneOf('--sampler', SAMPLER_NAMES))
        .default(EXPLICIT_DEFAULTS.sampler),
    )
    .addOption(
      new Option('--chains <n>', 'chains')
        .argParser(wholeNumber('--chains', 1))
        .default(EXPLICIT_DEFAULTS.chains),
    )
    .addOption(
      new Option(
        '--warmup <n>',
        `draws of warm-up per chain (default: ${SAMPLERS.hmc.defaultWarmup} or ${SAMPLERS.mclmc.defaultWarmup} by sampler, or what --minutes allows)`,
      ).argParser(wholeNumber('--warmup', 0)),
    )
    .addOption(
      new Option(
        '--samples <n>',
        `draws per chain (default: ${SAMPLERS.hmc.defaultSamples} or ${SAMPLERS.mclmc.defaultSamples} by sampler, or as many as --minutes or --until-ess take)`,
      ).argParser(wholeNumber('--samples', 1)),
    )
    .addOption(new Option('--minutes <m>', 'wall-clock limit').argParser(positiveNumber('--minutes')))
    .addOption(
      new Option('--until-ess <n>', 'end when every parameter has n effective draws').argParser(
        wholeNumber('--until-ess', 1),
      ),
    )
    .addOption(
      new Option('--checkpoint-minutes <m>', 'time between two checkpoints')
        .argParser(positiveNumber('--checkpoint-minutes'))
        .default(EXPLICIT_DEFAULTS.checkpointMinutes),
    )
    .addOption(
      new Option(
        '--keep-maps <n>',
        'convergence maps to keep: at most n and at least half as many, evenly spaced over the draws (0: none)',
      )
        .argParser(wholeNumber('--keep-maps', 0))
        .default(EXPLICIT_DEFAULTS.keepMaps),
    )
    .addOption(
      new Option('--baseline-ess <n>', 'effective draws of the posterior of the power spectra beside it')
        .argParser(wholeNumber('--baseline-ess', 1))
        .default(EXPLICIT_DEFAULTS.baselineEss),
    )
    .action(async (_, self: Command) => {
      await applyConfigFile(self);
      await runExplicit(self.opts<ExplicitCommandOptions>());
    });
}

async function runExplicit(options: ExplicitCommandOptions): Promise<void> {
  printResult(options, await makeExplicitRun(options));
}
