import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { expect, test } from 'vitest';
import { descriptorSet } from '../../proto/generated/descriptor-set.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function run(...args: string[]) {
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

test('the definitions keep the rules of the field, and every part of them has a comment', () => {
  const { status, stdout } = run('node_modules/@bufbuild/buf/bin/buf', 'lint');
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

test('generating again does nothing while nothing has changed', () => {
  expect(run('scripts/generate-proto.mjs').status).toBe(0);
  expect(run('scripts/generate-proto.mjs')).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test('the descriptor set holds all that a client needs, in both forms', () => {
  expect(readFileSync(`${ROOT}/proto/generated/turnpike.binpb`).equals(descriptorSet)).toBe(true);
  expect(Object.keys(loadFileDescriptorSetFromBuffer(descriptorSet))).toEqual(
    expect.arrayContaining([
      'turnpike.v1.CampaignService',
      'turnpike.v1.Campaign',
      'google.protobuf.Timestamp',
      'google.rpc.BadRequest',
    ]),
  );
});
