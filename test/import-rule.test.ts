import { describe, expect, test } from 'vitest';
import { importsOf, violations } from './support/import-rule.ts';
import { projectFiles, readProjectFile } from './support/project.ts';

const PRODUCT = /^(main|config|limits)\.ts$|^(cli|model|ingest|actors|management|storage)\/.*\.ts$/;

function productFiles(): string[] {
  return projectFiles().filter((path) => PRODUCT.test(path) && !path.endsWith('.test.ts'));
}

describe('the import rule', () => {
  test('holds in every file of the product', () => {
    const files = productFiles();
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap((file) => violations(file, readProjectFile(file)))).toEqual([]);
  });

  test.each([
    ['ingest/collector.ts', `import { openSegmentLog } from '../storage/log/segment-log.ts';`],
    ['ingest/collector.ts', `import { Campaign } from '../actors/campaign/state.ts';`],
    ['ingest/collector.ts', `import { loadConfig } from '../config.ts';`],
    ['actors/runtime.ts', `import { rest } from '../management/rest.ts';`],
    ['actors/runtime.ts', `import {\n  one,\n  two,\n} from "../storage/dedup/memory.ts";`],
    ['actors/campaign/decide.ts', `import { readFileSync } from 'node:fs';`],
    ['management/rest.ts', `export { collector } from '../ingest/collector.ts';`],
    ['management/rest.ts', `export * from '../storage/warehouse/clickhouse.ts';`],
    ['management/rest.ts', `const late = await import('../actors/system.ts');`],
    ['storage/log/segment-log.ts', `import '../snapshots/lmdb.ts';`],
    ['storage/log/segment-log.ts', `import type { Collector } from '../../ingest/collector.ts';`],
    ['model/event.ts', `import type { Log } from '../storage/log/port.ts';`],
    ['model/event.ts', `import { Socket } from 'node:net';`],
    ['cli/demo.ts', `import { openWarehouse } from '../storage/warehouse/clickhouse.ts';`],
    ['cli/start.ts', `import { Server } from '../test/support/server.ts';`],
  ])('catches in %s: %s', (file, source) => {
    expect(violations(file, source)).toHaveLength(1);
  });

  test.each([
    ['ingest/collector.ts', `import type { Config } from '../config.ts';`],
    ['ingest/collector.ts', `import type { Log } from '../storage/log/port.ts';`],
    ['actors/blocks.ts', `import { DECIDED_EVENTS } from '../storage/warehouse/schema.ts';`],
    ['actors/node/worker-entry.ts', `import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';`],
    ['management/grpc.ts', `import { Campaign } from '../proto/generated/turnpike/v1/campaign.ts';`],
    ['storage/snapshots/lmdb.ts', `import { open } from 'lmdb';\nimport { limits } from '../../limits.ts';`],
    ['model/click-id.ts', `import { createHmac } from 'node:crypto';`],
    ['cli/engines/engines.ts', `import { openSegmentLog } from '../../storage/log/segment-log.ts';`],
  ])('allows in %s: %s', (file, source) => {
    expect(violations(file, source)).toEqual([]);
  });

  test('reads every form of import', () => {
    const source = [
      `import one from 'one';`,
      `import * as two from "two";`,
      `import type { Three } from 'three';`,
      `import {\n  four,\n  type Four,\n} from 'four';`,
      `import 'five';`,
      `export { six } from 'six';`,
      `export type { Seven } from 'seven';`,
      `export * as eight from 'eight';`,
      `const nine = () => import('nine');`,
      `export const ten = 'not an import';`,
      `/** Take it from 'eleven'. */`,
    ].join('\n');
    const found = importsOf(source).map(
      ({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' type' : ''}`,
    );
    expect(found.sort()).toEqual(
      ['one', 'two', 'three type', 'four', 'five', 'six', 'seven type', 'eight', 'nine'].sort(),
    );
  });
});
