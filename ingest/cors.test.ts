import { describe, expect, test } from 'vitest';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import { OriginPolicy } from './cors.ts';
import { campaign } from './test-support.ts';

const SITE = 'https://site.example';

function mirrored(headers: string): string | undefined {
  return /^access-control-allow-origin: (.*)\r$/m.exec(headers)?.[1];
}

function policy(serverOrigins: string[], ...campaigns: ReturnType<typeof campaign>[]): OriginPolicy {
  const directory = new CampaignDirectory();
  for (const one of campaigns) directory.put(one);
  return new OriginPolicy(directory, serverOrigins, () => 0);
}

describe('an origin', () => {
  const named = campaign({ allowedOrigins: [SITE] });

  test('is mirrored where nobody names any', () => {
    expect(mirrored(policy([]).headers(SITE, campaign()))).toBe(SITE);
    expect(mirrored(policy([]).headers(SITE, undefined))).toBe(SITE);
  });

  test('is mirrored if the campaign or the server names it', () => {
    expect(mirrored(policy([]).headers(SITE, named))).toBe(SITE);
    expect(mirrored(policy(['https://own.example']).headers(SITE, named))).toBe(SITE);
    expect(mirrored(policy([SITE]).headers(SITE, campaign({ allowedOrigins: ['https://x.example'] })))).toBe(
      SITE,
    );
  });

  test('is not mirrored if only others are named', () => {
    expect(mirrored(policy([]).headers('https://evil.example', named))).toBeUndefined();
    expect(mirrored(policy(['https://own.example']).headers(SITE, campaign()))).toBeUndefined();
  });

  test('that is absent needs no headers', () => {
    expect(policy([]).headers('', campaign())).toBe('');
  });

  test('makes caches tell answers apart', () => {
    for (const headers of [policy([]).headers(SITE, named), policy(['x']).headers(SITE, undefined)])
      expect(headers).toContain('\r\nvary: Origin');
  });
});

describe('a pre-flight request', () => {
  test('may be repeated after a day', () => {
    expect(policy([]).preflightHeaders(SITE)).toContain('\r\naccess-control-max-age: 86400');
  });

  test('is allowed if the server or any campaign allows the origin', () => {
    const named = campaign({ allowedOrigins: [SITE] });
    expect(mirrored(policy([]).preflightHeaders(SITE))).toBe(SITE);
    expect(mirrored(policy(['https://own.example'], named).preflightHeaders(SITE))).toBe(SITE);
    expect(
      mirrored(policy(['https://own.example'], named).preflightHeaders('https://evil.example')),
    ).toBeUndefined();
  });
});
