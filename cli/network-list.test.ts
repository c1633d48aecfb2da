import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNetworks } from './network-list.ts';

const SETTING = 'TURNPIKE_DATACENTRE_RANGES';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnpike-networks-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string): Promise<readonly string[]> {
  const file = join(folder, 'networks.txt');
  await writeFile(file, text);
  return readNetworks(file, SETTING);
}

describe('a list of networks', () => {
  test('has one a line, and comments', async () => {
    const text = '# clouds\n\n192.0.2.0/24  # one\r\n 2001:db8::/32\n198.51.100.7\n';
    expect(await read(text)).toEqual(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
  });

  test.each(['192.0.2.0/33', '192.0.2/24', 'cloud.example', '192.0.2.0/24 and more', '2001:db8::/129'])(
    'is refused where a line is %j, by its number',
    async (line) => {
      await expect(read(`192.0.2.0/24\n${line}\n`)).rejects.toThrow(
        `${SETTING} names ${folder}/networks.txt, whose line 2 is ${JSON.stringify(line)}: write one network`,
      );
    },
  );

  test('is refused if it is not there', async () => {
    const file = join(folder, 'nowhere');
    await expect(readNetworks(file, SETTING)).rejects.toThrow(
      `${SETTING} names ${file}, which cannot be read (ENOENT)`,
    );
  });
});
