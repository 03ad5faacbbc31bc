import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@lensfield/io';
import { createOutputFolder } from './output-folder.ts';
import { decodeTypedJson, encodeTypedJson } from './typed-json.ts';

/** Where stages of a run keep the state from which they go on after an interruption. */
export interface CheckpointStore {
  /** Undefined where there is none, or the run does not resume. */
  load(stage: string): Promise<unknown>;
  save(stage: string, state: unknown): Promise<void>;
}

/** Keeps nothing, for use as a library. */
export const noCheckpoints: CheckpointStore = { load: async () => undefined, save: async () => {} };

/** The same store with a prefix to every stage. */
export function checkpointsUnder(store: CheckpointStore, prefix: string): CheckpointStore {
  return {
    load: (stage) => store.load(prefix + stage),
    save: (stage, state) => store.save(prefix + stage, state),
  };
}

/** One file per stage in `folder`; `resume` false ignores (and removes) what an earlier run left there. */
export async function checkpointStore(folder: string, resume: boolean): Promise<CheckpointStore> {
  if (!resume) await rm(folder, { recursive: true, force: true });
  const fileOf = (stage: string) => join(folder, `${stage}.json`);
  return {
    async load(stage) {
      const text = await readFile(fileOf(stage), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : decodeTypedJson(text, fileOf(stage));
    },
    async save(stage, state) {
      await createOutputFolder(folder);
      await writeFileAtomically(fileOf(stage), encodeTypedJson(state));
    },
  };
}
