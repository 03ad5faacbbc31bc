import { defineConfig } from 'vitest/config';

const conditions = ['@lensfield/source', 'node', 'import', 'module', 'default'];

/** One configuration for every package: tests read sources; workers and WASM come from the built `dist`. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
