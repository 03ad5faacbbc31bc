import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@lensfield/io';
import { InvalidArgumentError } from '@lensfield/kernels';
import { createOutputFolder } from './output-folder.ts';
import { decodeTypedJson, encodeTypedJson } from './typed-json.ts';

/** What shapes the draws of a run, by flag. */
export type RunPlan = Readonly<Record<string, number | string>>;

const PLAN_FILE = 'plan.json';

/**
 * The plan of a run, decided once: what is measured by the clock, such as a length of warm-up, may come out differently when the run goes
 * on, and the draws would be others.
 *
 * @param folder  Of the checkpoints. Emptied unless the run resumes.
 * @param wanted  What the flags say now; undefined where they leave it open.
 * @param decide  Fills what is open; not called if the run goes on.
 * @throws {InvalidArgumentError} if the run goes on and a flag has another value than at its start.
 */
export async function decidedPlan<Plan extends RunPlan>(
  folder: string,
  resume: boolean,
  wanted: { readonly [Flag in keyof Plan]: Plan[Flag] | undefined },
  decide: () => Plan,
): Promise<Plan> {
  const file = join(folder, PLAN_FILE);
  if (!resume) await rm(folder, { recursive: true, force: true });
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (text !== undefined) {
    const plan = decodeTypedJson(text, file) as Plan;
    for (const [flag, value] of Object.entries(plan)) checkSame(flag, value, wanted[flag]);
    return plan;
  }
  const plan = decide();
  await createOutputFolder(folder);
  await writeFileAtomically(file, encodeTypedJson(plan));
  return plan;
}

function checkSame(flag: string, value: unknown, wanted: unknown): void {
  if (wanted === undefined || wanted === value) return;
  throw new InvalidArgumentError(
    flag,
    `${flag} must stay ${value}, with which the run began; got ${wanted}. Give ${flag} ${value}, or start anew without --resume.`,
  );
}
