import { version_core } from '@tensorflow/tfjs-core';

const PACKAGE = '@tensorflow/tfjs-node';

/** Whether the optional package loads, with the function that loads it, or the reason and the remedy. */
export type TensorflowSearch =
  | { readonly loads: true; readonly load: () => void }
  | { readonly loads: false; readonly reason: string };

function not(reason: string): TensorflowSearch {
  return { loads: false, reason };
}

function firstLine(error: unknown): string {
  return String((error as Error)?.message ?? error).split('\n')[0]!;
}

/* TensorFlow starts its threads when the addon loads, for good. */
let threadsInUse: number | undefined;

/** Threads with which the addon was loaded; `undefined` before. */
export function tensorflowThreads(): number | undefined {
  return threadsInUse;
}

/**
 * Node 22 warns of two functions that the package calls, and Node 23 dropped one of them. TensorFlow greets on standard error where it is not
 * told otherwise, and takes all cores.
 */
function prepareProcess(require: NodeJS.Require, threads: number | undefined): void {
  if (threadsInUse !== undefined) return;
  threadsInUse = threads ?? (require('node:os') as typeof import('node:os')).availableParallelism();
  Object.assign(require('node:util'), {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (threads === undefined) return;
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_NUM_INTEROP_THREADS = String(threads);
}

/**
 * Looks for `@tensorflow/tfjs-node` beside this package and loads its native addon, which changes nothing in TensorFlow.js. The
 * package itself is loaded by `load`: that makes its backend current and replaces gradients.
 *
 * @param options.threads  Of TensorFlow, for the whole process; it counts where the addon was not loaded before. Default: all cores.
 * @param options.from     The module that asks, as a URL.
 */
export async function findTensorflow(
  options: { readonly threads?: number | undefined; readonly from?: string } = {},
): Promise<TensorflowSearch> {
  if (typeof process === 'undefined' || !process.versions?.node)
    return not('the backend tensorflow runs in Node only');
  const { createRequire } = await import('node:module');
  const require = createRequire(options.from ?? import.meta.url);
  let manifest: string;
  try {
    manifest = require.resolve(`${PACKAGE}/package.json`);
  } catch {
    return not(`${PACKAGE} is not installed; npm install ${PACKAGE}@${version_core}`);
  }
  const { version } = require(manifest) as { version: string };
  if (version !== version_core)
    return not(
      `${PACKAGE} must have version ${version_core}; got ${version}: npm install ${PACKAGE}@${version_core}`,
    );
  const ofPackage = createRequire(manifest);
  return loadAddon(ofPackage, manifest, options.threads) ?? { loads: true, load: () => require(PACKAGE) };
}

/** Loads the addon as the package will. Says why it does not load, else nothing. */
function loadAddon(
  require: NodeJS.Require,
  manifest: string,
  threads: number | undefined,
): TensorflowSearch | undefined {
  try {
    const addon: string = require('@mapbox/node-pre-gyp').find(manifest);
    if (!require('node:fs').existsSync(addon))
      return not(
        `the native addon of ${PACKAGE} is not built; npm rebuild ${PACKAGE}, or where its download is out of reach ` +
          '`npm run tensorflow` of the lensfield repository',
      );
    prepareProcess(require, threads);
    require(addon);
    return undefined;
  } catch (error) {
    return not(`the native addon of ${PACKAGE} does not load: ${firstLine(error)}`);
  }
}
