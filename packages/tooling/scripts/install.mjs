// Installs the workspace with the pnpm that package.json names, fetched through npx where it is not on the path.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);

/** Runs a command in the repository root with its output shown; ends this process when it fails. */
export function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const { packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

export function installWorkspace() {
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only']);
}

/** Runs a task of turbo.json in every package that changed; npx puts pnpm on the path, where turbo looks for it. */
export function runTurbo(task) {
  run('npx', ['--yes', packageManager, 'exec', 'turbo', 'run', task, '--output-logs=errors-only'], {
    TURBO_TELEMETRY_DISABLED: '1',
  });
}

export function buildWorkspace() {
  runTurbo('build');
}
