import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { built } from './child-side.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** LENSFIELD_CHROMIUM, else the first Chromium on the path. */
export function findChromium() {
  if (process.env.LENSFIELD_CHROMIUM) return process.env.LENSFIELD_CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/* A script that does not load is an answer too. */
const PAGE = `<!doctype html><script>
const report = (error) => fetch('/answer', { method: 'POST', body: JSON.stringify({ error: String(error) }) });
addEventListener('error', (event) => report(event.message ?? 'page.js must load'), true);
addEventListener('unhandledrejection', (event) => report(event.reason));
</script><script type="module" src="/src/page.js"></script>`;

/**
 * What the page loads, by path. The kernels find their module at ../dist beside the script's folder; what they import of Node they
 * ask for in Node alone.
 */
async function pageFiles() {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('./page-main.mjs', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: builtinModules,
    logLevel: 'silent',
  });
  const wasm = new URL('../dist/lensfield.wasm', import.meta.resolve('@lensfield/kernels'));
  return {
    '/': ['text/html', PAGE],
    '/src/page.js': ['text/javascript', bundle.outputFiles[0].contents],
    '/dist/lensfield.wasm': ['application/wasm', readFileSync(wasm)],
  };
}

/* Isolation of the page makes its clock finer: 5 us. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Hands requests to the page, which waits for them at /request, and takes its answers at /answer. */
function requestServer(files) {
  const waiting = { page: undefined, request: undefined, answered: undefined };
  const deliver = () => {
    if (!waiting.page || !waiting.request) return;
    waiting.page.end(waiting.request);
    waiting.page = waiting.request = undefined;
  };
  const server = createServer(async (incoming, response) => {
    for (const [name, value] of Object.entries(ISOLATED)) response.setHeader(name, value);
    if (incoming.url === '/request') {
      waiting.page = response;
      return deliver();
    }
    if (incoming.url === '/answer') {
      const parts = [];
      for await (const part of incoming) parts.push(part);
      response.end();
      return waiting.answered(JSON.parse(Buffer.concat(parts)));
    }
    const [type, content] = files[incoming.url] ?? [];
    if (!type) return response.writeHead(404).end();
    response.setHeader('Content-Type', type).end(content);
  });
  const send = (request) =>
    new Promise((resolve) => {
      waiting.answered = resolve;
      waiting.request = JSON.stringify(request);
      deliver();
    });
  return { server, send };
}

function launch(chromium, profile, port) {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const quiet = ['--headless=new', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage'];
  const args = [...quiet, ...asRoot, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`];
  return spawn(chromium, args, { stdio: 'ignore' });
}

/** The browser's last processes may still write there for a moment. */
async function removeProfile(profile) {
  const patience = { maxRetries: 10, retryDelay: 100 };
  await rm(profile, { recursive: true, force: true, ...patience }).catch(() => {});
}

/** A row's step on WASM in a page of headless Chromium. */
export async function chromiumSide(row, chromium) {
  const { server, send } = requestServer(await pageFiles());
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const profile = mkdtempSync(join(tmpdir(), 'lensfield-bench-'));
  const browser = launch(chromium, profile, server.address().port);
  const gone = new Promise((_, reject) => {
    browser.once('error', reject);
    browser.once('close', () => reject(new Error(`${chromium} ended`)));
  });
  gone.catch(() => removeProfile(profile));
  const side = {
    async ask(request) {
      const answer = await Promise.race([send(request), gone]);
      if (answer.error) throw new Error(answer.error);
      return answer;
    },
    close() {
      server.close();
      server.closeAllConnections();
      browser.kill();
    },
  };
  return built(side, { row: row.name, backend: 'wasm', threads: 1 });
}
