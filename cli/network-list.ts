/** Lists of networks in files: one a line, as an address or in CIDR notation; what follows a `#` is a comment. */
import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from '../config.ts';
import { limits } from '../limits.ts';
import { isNetwork } from '../settings.ts';

/** What is shown of a line that is wrong. */
const SHOWN_LENGTH = 60;

/**
 * The networks of a file.
 *
 * @param setting its name, for errors
 * @throws ConfigError naming the setting, and the line where there is one at fault
 */
export async function readNetworks(file: string, setting: string): Promise<readonly string[]> {
  const networks: string[] = [];
  for (const [index, line] of (await textOf(file, setting)).split(/\r?\n/).entries()) {
    const network = line.replace(/#.*$/, '').trim();
    if (network === '') continue;
    if (!isNetwork(network))
      throw new ConfigError(
        setting,
        `names ${file}, whose line ${index + 1} is ${JSON.stringify(network.slice(0, SHOWN_LENGTH))}`,
        'write one network a line, such as 192.0.2.0/24 or 2001:db8::/32',
      );
    networks.push(network);
  }
  return networks;
}

async function textOf(file: string, setting: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > limits.networkListBytes)
      throw new ConfigError(
        setting,
        `names ${file}, which has ${size} bytes`,
        `give it a file of at most ${limits.networkListBytes}`,
      );
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code = 'an unknown error' } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      setting,
      `names ${file}, which cannot be read (${code})`,
      'give it a file that is there and that this user may read',
    );
  }
}
