/** Bodies that no honest client sends: malformed, mistyped, enormous, deep, or not even text. */
import type { Random } from './random.ts';

const FIELDS = [
  'event_id',
  'type',
  'campaign_id',
  'partner_id',
  'content_id',
  'click_id',
  'transaction_id',
  'goal',
  'value',
  'currency',
  'user_id',
  'timestamp',
  'sub1',
  'utm_source',
  'url',
  'referrer',
  'ip',
  'user_agent',
  'properties',
  'messageId',
  'campaña_id',
];

const NUMBERS = ['1e309', '-1e309', '9'.repeat(400), '-0', '1e-400', '0.1e+400', '9007199254740993', '-1'];

const POISON_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', ''];

const STRINGS = [
  '""',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u0000"',
  '"\u202e"',
  '"\\uFEFF"',
  `"${'é'.repeat(2_000)}"`,
  `"${'x'.repeat(40_000)}"`,
  '"2026-02-30T25:61:61Z"',
  '"javascript:alert(1)"',
  '"=HYPERLINK(1)"',
  '"\'; DROP TABLE decided_events; --"',
  '"../../etc/passwd"',
  '"1.2.3"',
  '"-5.00"',
  '"1e5"',
  '"NaN"',
  '"USDX"',
];

/** Any JSON value, as text, mostly of a kind that is not asked for. */
export function oddValue(random: Random, depth = 0): string {
  const kinds: (() => string)[] = [
    () => 'null',
    () => String(random.chance(0.5)),
    () => random.pick(NUMBERS),
    () => random.pick(STRINGS),
    () => String(random.integer(-5, 5)),
  ];
  if (depth < 4) {
    kinds.push(
      () => `[${Array.from({ length: random.integer(0, 4) }, () => oddValue(random, depth + 1)).join(',')}]`,
      () => `{"${random.pick(POISON_KEYS)}":${oddValue(random, depth + 1)}}`,
    );
  }
  return random.pick(kinds)();
}

/** An event of `campaignId` of which one to four fields are odd. */
function mistyped(random: Random, campaignId: string): string {
  const fields = new Map([
    ['event_id', JSON.stringify(`hostile-${random.integer(0, 1e9)}`)],
    ['type', JSON.stringify(random.pick(['impression', 'click', 'conversion']))],
    ['campaign_id', JSON.stringify(campaignId)],
  ]);
  for (let i = random.integer(1, 4); i > 0; i--) {
    fields.set(random.pick(random.chance(0.8) ? FIELDS : POISON_KEYS), oddValue(random));
  }
  return `{${[...fields].map(([name, value]) => `"${name}":${value}`).join(',')}}`;
}

function deep(random: Random): string {
  const levels = random.pick([17, 100, 5_000, 100_000]);
  return random.pick([
    () => '['.repeat(levels),
    () => '['.repeat(levels) + ']'.repeat(levels),
    () => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
    () => `{"type":"click","properties":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`,
  ])();
}

/** Valid JSON with a few bytes changed, taken out or put in. */
function mutated(random: Random, campaignId: string): Buffer {
  let bytes = Buffer.from(mistyped(random, campaignId));
  for (let i = random.integer(1, 6); i > 0 && bytes.length > 0; i--) {
    const at = random.integer(0, bytes.length - 1);
    const middle = random.pick([Buffer.alloc(0), random.bytes(1), random.bytes(3), bytes.subarray(0, 8)]);
    bytes = Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at + random.integer(0, 2))]);
  }
  return bytes;
}

function many(random: Random, campaignId: string): string {
  const one = `{"type":"impression","campaign_id":"${campaignId}"}`;
  const count = random.pick([5_001, 6_000, 20_000]);
  return random.chance(0.5) ? `[${`${one},`.repeat(count)}${one}]` : `${one}\n`.repeat(count);
}

/** A hostile body. Big ones are rare: they cost the test, not only the server. */
export function hostileBody(random: Random, campaignId: string): Buffer {
  if (random.chance(0.01)) return Buffer.alloc(random.pick([1_048_577, 1_500_000, 3_000_000]), 0x20);
  if (random.chance(0.01)) return Buffer.from(many(random, campaignId));
  if (random.chance(0.03)) return Buffer.from(deep(random));
  return random.pick([
    () => mutated(random, campaignId),
    () => Buffer.from(mistyped(random, campaignId)),
    () =>
      Buffer.from(`[${mistyped(random, campaignId)},${oddValue(random)},${mistyped(random, campaignId)}]`),
    () => Buffer.from(`${mistyped(random, campaignId)}\n${oddValue(random)}\n\n{`),
    () => Buffer.from(oddValue(random)),
    () => random.bytes(random.integer(0, 300)),
    () => Buffer.concat([Buffer.from('{"event_id":"'), random.bytes(40), Buffer.from('"}')]),
    () => Buffer.from([0xef, 0xbb, 0xbf, ...Buffer.from(mistyped(random, campaignId))]),
    () => Buffer.from(mistyped(random, campaignId), 'utf16le'),
  ])();
}
