import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const OUTSIDE = ['node_modules/**', 'dist/**'];

/** Tests that run real processes, and wait for most of their time: two at a time. */
const PROCESS_TESTS = ['test/e2e/**/*.test.ts'];
/** Tests that keep all processors busy: one after the other, so that they do not starve each other. */
const HEAVY_TESTS = ['test/chaos/**/*.test.ts', 'test/simulation/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...OUTSIDE, ...PROCESS_TESTS, ...HEAVY_TESTS],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Many of them wait for servers: also on two cores, three at a time.
          maxWorkers: Math.max(3, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: PROCESS_TESTS,
          exclude: OUTSIDE,
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'heavy',
          include: HEAVY_TESTS,
          exclude: OUTSIDE,
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
