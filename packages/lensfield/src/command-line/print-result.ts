import { resolve } from 'node:path';

interface PrintOptions {
  readonly out: string;
  readonly json?: boolean;
}

interface PrintableSummary {
  readonly parameters: readonly { readonly name: string; readonly mean: number; readonly sd: number }[];
}

/** Prints a result: one JSON line with `--json`, else a table and where the files are. Both go to standard output. */
export function printResult({ out, json }: PrintOptions, summary: PrintableSummary): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  for (const { name, mean, sd } of summary.parameters) {
    process.stdout.write(`${name.padEnd(9)} ${mean.toFixed(4).padStart(8)} +- ${sd.toFixed(4)}\n`);
  }
  process.stdout.write(`results: ${resolve(out)}\n`);
}
