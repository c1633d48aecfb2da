/** The kinds of settings: how the text of one is read, and what to say to someone whose text does not fit. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { limits } from './limits.ts';

export interface Kind<Value> {
  /** What a fitting text is: completes "set it to …". */
  readonly expected: string;
  /** The value of a text, `undefined` if it is none; it still has to meet the schema. */
  parse(text: string): Value | undefined;
  /** JSON Schema of the value; of each of its items if it is a list. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Whether texts of this kind may contain passwords, which must not be printed. */
  readonly confidential?: boolean;
  /** Whether a text of this kind is a secret as a whole: nothing of it may be printed. */
  readonly isSecret?: boolean;
}

export function integer(minimum: number, maximum: number): Kind<number> {
  return {
    expected: `a whole number from ${minimum} to ${maximum}`,
    parse: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
    schema: { type: 'integer', minimum, maximum },
  };
}

export const port: Kind<number> = {
  ...integer(0, 65_535),
  expected: 'a port from 0 to 65535 (0: any free one)',
};

const HOST_NAME = '^(?!-)[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})*\\.?$';

export const address: Kind<string> = {
  expected: 'an IP address or a host name, such as 127.0.0.1, ::1 or localhost',
  // What has only digits and dots is meant as an address, so that 127.0.0.300 is not taken for a name.
  parse: (text) => (isIP(text) !== 0 || !/^[\d.]+$/.test(text) ? text : undefined),
  schema: {
    type: 'string',
    maxLength: 253,
    anyOf: [{ pattern: HOST_NAME }, { pattern: '^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?$' }],
  },
};

export const folder: Kind<string> = {
  expected: 'the path of a folder',
  parse: (text) => (text.includes('\0') ? undefined : resolve(text)),
  schema: { type: 'string', minLength: 1, maxLength: 4_096 },
};

export const file: Kind<string> = { ...folder, expected: 'the path of a file, or leave it unset' };

export function choice<Value extends string>(values: readonly Value[]): Kind<Value> {
  return {
    expected: `one of ${values.join(', ')}`,
    parse: (text) => values.find((value) => value === text),
    schema: { enum: values },
  };
}

export function url(protocols: readonly string[], sample: string): Kind<string> {
  return {
    expected: `a URL such as ${sample}, or leave it unset`,
    parse(text) {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      return parsed && parsed.hostname !== '' && protocols.includes(parsed.protocol) ? text : undefined;
    },
    schema: { type: 'string', maxLength: limits.urlLength },
    confidential: true,
  };
}

/** Several URLs of servers that belong together. */
export function urls(protocols: readonly string[], sample: string): Kind<string> {
  const one = url(protocols, sample);
  return {
    ...one,
    expected: `a URL such as ${sample}, several separated by commas, or leave it unset`,
    parse: (text) =>
      listOf(text).length > 0 && listOf(text).every((item) => one.parse(item) !== undefined)
        ? listOf(text).join(',')
        : undefined,
  };
}

export const origins: Kind<readonly string[]> = {
  expected: 'origins such as https://shop.example, separated by commas, or leave it unset to allow any',
  parse(text) {
    const list = listOf(text);
    return list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin)
      ? list
      : undefined;
  },
  schema: { type: 'string', pattern: '^https?://' },
};

export const campaign: Kind<string> = {
  expected: 'the id of a campaign: letters, digits, _ and -, at most 64',
  parse: (text) => text,
  schema: { type: 'string', pattern: `^[A-Za-z0-9_-]{1,${limits.campaignIdLength}}$` },
};

export const networks: Kind<readonly string[]> = {
  expected: 'addresses and networks such as 10.0.0.0/8, separated by commas, or leave it unset',
  parse(text) {
    const list = listOf(text);
    return list.length > 0 && list.every(isNetwork) ? list : undefined;
  },
  schema: { type: 'string' },
};

/** Whether a text is an address or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (bits < 0 || more.length > 0 || address.includes('%')) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

export const flag: Kind<boolean> = {
  expected: 'true or false',
  parse: (text) => ({ true: true, false: false })[text],
  schema: { type: 'boolean' },
};

const DURATION_UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a duration such as `90s`, `30m`, `72h` or `7d`; `undefined` if the text is none.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  return match ? Number(match[1]) * (DURATION_UNITS[match[2] as string] as number) : undefined;
}

export function duration(minimum: string, maximum: string): Kind<number> {
  return {
    expected: `a duration from ${minimum} to ${maximum}, such as 90s, 30m, 72h or 7d`,
    parse: parseDuration,
    schema: { type: 'integer', minimum: parseDuration(minimum), maximum: parseDuration(maximum) },
  };
}

const SIZE_UNITS: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** Bytes of a size such as `512MiB` or `2GiB`; `undefined` if the text is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,6})(MiB|GiB|TiB)$/.exec(text);
  return match ? Number(match[1]) * (SIZE_UNITS[match[2] as string] as number) : undefined;
}

export function size(minimum: string, maximum: string): Kind<number> {
  return {
    expected: `a size from ${minimum} to ${maximum}, such as 512MiB or 2GiB`,
    parse: parseSize,
    schema: { type: 'integer', minimum: parseSize(minimum), maximum: parseSize(maximum) },
  };
}

export function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Of servers that are told secrets: their names are checked on the way, except on this machine. */
export const securedOrigin: Kind<string> = {
  expected:
    'a URL without a path such as https://api.stripe.com, http:// on this machine only, or leave it unset',
  parse(text) {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    if (!parsed || (text !== parsed.origin && text !== `${parsed.origin}/`)) return undefined;
    const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(parsed.hostname);
    return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isHere)
      ? parsed.origin
      : undefined;
  },
  schema: { type: 'string', maxLength: limits.urlLength },
  confidential: true,
};

export const secret: Kind<string> = {
  expected: 'a secret of 8 to 255 characters without spaces, or leave it unset',
  parse: (text) => (/^[!-~]{8,255}$/.test(text) ? text : undefined),
  schema: { type: 'string' },
  isSecret: true,
};

export const share: Kind<number> = {
  expected: 'a share from 0 to 1, such as 0.05',
  parse: (text) => (/^(0|1|0?\.\d{1,6}|1\.0{1,6})$/.test(text) ? Number(text) : undefined),
  schema: { type: 'number', minimum: 0, maximum: 1 },
};
