import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TransferOutcome } from '../../model/transfer.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import { openStripeGateway } from '../../storage/gateway/stripe.ts';
import { StripeDouble, type StripeFault } from '../support/stripe-double.ts';
import { order } from './gateway.contract.ts';

let double: StripeDouble;
let gateway: Gateway;
/** Messages that the operator is told. */
let told: string[];

function open(secretKey = double.secretKey, clusterId = 'cluster'): Gateway {
  const { url, webhookSecret } = double;
  const logger = pino(
    { base: null },
    { write: (line: string) => void told.push((JSON.parse(line) as { msg: string }).msg) },
  );
  return openStripeGateway({ clusterId, secretKey, url, webhookSecret, timeoutMs: 2_500, logger });
}

beforeEach(async () => {
  told = [];
  double = await StripeDouble.start();
  gateway = open();
});
afterEach(async () => {
  await gateway.close();
  await double[Symbol.asyncDispose]();
});

const made = () => double.transfers.length;
const posts = () => double.requests.filter(({ method }) => method === 'POST');
const transferId = (outcome: TransferOutcome) => 'transferId' in outcome && outcome.transferId;

describe('a transfer at Stripe', () => {
  test('is asked for under the id of the payout, with what it is for', async () => {
    await gateway.transfer(order());
    const [{ key, form } = { key: undefined, form: new URLSearchParams() }] = posts();
    expect(key).toBe('po_1');
    expect(Object.fromEntries(form)).toEqual({
      amount: '1250',
      currency: 'usd',
      destination: 'acct_ana',
      transfer_group: 'po_1',
      'metadata[payout_id]': 'po_1',
      'metadata[cluster_id]': 'cluster',
      'metadata[partner_id]': 'ana',
      'metadata[reference]': 'may',
    });
  });

  test('has the same key at every attempt, also where the library asks again by itself', async () => {
    double.faults.push({ kind: 'cut before' }, { kind: 'cut before' }, { kind: 'cut after' });
    for (let attempt = 1; attempt <= 3; attempt++) await gateway.transfer(order({ attempt }));
    expect(posts().length).toBeGreaterThanOrEqual(3);
    expect(new Set(posts().map(({ key }) => key))).toEqual(new Set(['po_1']));
    expect(made()).toBe(1);
  });

  test('is not made again when Stripe has forgotten the key', async () => {
    double.faults.push({ kind: 'hang after' });
    expect(await gateway.transfer(order())).toMatchObject({ kind: 'unknown' });
    double.forgetKeys();
    expect(await gateway.transfer(order())).toMatchObject({ kind: 'succeeded' });
    expect(made()).toBe(1);
  });

  test('that ended in an error of Stripe’s, though it was made, is found', async () => {
    double.faults.push({ kind: 'error after' });
    expect(await gateway.transfer(order())).toMatchObject({ kind: 'unknown' });
    expect(transferId(await gateway.transfer(order({ attempt: 2 })))).toBe(double.transfers[0]?.id);
    expect(made()).toBe(1);
  });

  test('is open while another request under its key is under way', async () => {
    let go = (): void => undefined;
    double.faults.push({
      kind: 'slow',
      until: new Promise((resolve) => {
        go = resolve;
      }),
    });
    expect(await gateway.transfer(order())).toMatchObject({ kind: 'unknown' });
    expect(await gateway.transfer(order({ attempt: 2 }))).toMatchObject({
      kind: 'unknown',
      message: expect.stringContaining('in progress'),
    });
    go();
    expect(await gateway.transfer(order({ attempt: 3 }))).toMatchObject({ kind: 'succeeded' });
    expect(made()).toBe(1);
  });

  test.each<[string, StripeFault]>([
    ['too many requests', { kind: 'busy' }],
    ['an answer that is no JSON', { kind: 'no json' }],
    ['an answer that is no transfer', { kind: 'no transfer' }],
    ['an error of Stripe’s own', { kind: 'error', status: 500, error: { type: 'api_error', message: 'oh' } }],
  ])('is open after %s, which tells nobody anything', async (_, fault) => {
    double.faults.push(fault);
    expect(await gateway.transfer(order())).toMatchObject({ kind: 'unknown' });
    expect(told).toEqual([]);
  });

  test.each([
    ['No such destination', 'resource_missing', () => double.unknownDestinations.add('acct_ana')],
    ['insufficient funds', 'balance_insufficient', () => double.balances.set('usd', 1)],
  ])('is declined for %s', async (text, code, arrange) => {
    arrange();
    expect(await gateway.transfer(order())).toEqual({
      kind: 'declined',
      code,
      message: expect.stringContaining(text),
    });
    expect(made()).toBe(0);
  });

  test('is declined without a destination, and for an amount that Stripe has not', async () => {
    const { destination: _, ...nowhere } = order();
    expect(await gateway.transfer(nowhere)).toMatchObject({ kind: 'declined', code: 'no_destination' });
    const odd = order({ amount: { micros: 5_124_000, currency: 'KWD' } });
    expect(await gateway.transfer(odd)).toMatchObject({ kind: 'declined', code: 'amount_not_payable' });
    expect(double.requests).toEqual([]);
  });

  test('waits, and the operator is told, where credentials are wrong', async () => {
    const stranger = open('sk_test_stranger');
    expect(await stranger.transfer(order())).toMatchObject({ kind: 'unknown' });
    expect(told).toEqual(['Stripe refuses transfers: payouts wait']);
    expect(told.join()).not.toContain('sk_test_stranger');
    await stranger.close();
  });

  test.each([
    [403, 'invalid_request_error', undefined],
    [400, 'idempotency_error', undefined],
    [400, 'invalid_request_error', 'livemode_mismatch'],
  ])('waits, and the operator is told, after %i %s %s', async (status, type, code) => {
    const error = { type, message: 'no', ...(code !== undefined && { code }) };
    double.faults.push({ kind: 'error', status, error });
    expect(await gateway.transfer(order())).toMatchObject({ kind: 'unknown' });
    expect(told).toHaveLength(1);
  });

  test('of another cluster with the same account is nobody’s but its own', async () => {
    const other = open(double.secretKey, 'other');
    await other.transfer(order());
    expect(await gateway.transfer(order())).toMatchObject({ kind: 'unknown' });
    expect(told).toEqual(['Stripe has another transfer of the payout: it waits']);
    expect(await gateway.transfersOf('po_1')).toEqual([]);
    expect(await other.transfersOf('po_1')).toHaveLength(1);
    const { body, signature } = double.delivery();
    expect(gateway.notice(body, signature)).toBeUndefined();
    expect(other.notice(body, signature)).toMatchObject({ kind: 'succeeded' });
    await other.close();
  });

  test('is made once at most, and has succeeded only if it was made, whatever happens', async () => {
    const kinds = ['error after', 'busy', 'no json', 'no transfer'] as const;
    let payout = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.constantFrom(...kinds, 'forget'), { nil: undefined }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (faults) => {
          const payoutId = `po_${++payout}`;
          let attempt = 0;
          let last: TransferOutcome | undefined;
          for (const fault of [...faults, 'forget' as const, undefined]) {
            double.faults.length = 0;
            if (fault === 'forget') double.forgetKeys();
            else if (fault) double.faults.push({ kind: fault });
            last = await gateway.transfer(order({ payoutId, attempt: ++attempt }));
            const there = await gateway.transfersOf(payoutId);
            expect(there.length).toBeLessThanOrEqual(1);
            if (last.kind !== 'unknown') expect(transferId(last)).toBe(there[0]?.transferId);
          }
          expect(last?.kind).toBe('succeeded');
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a webhook of Stripe', () => {
  const notice = (event: unknown, options = {}) => {
    const { body, signature } = double.delivery(event, options);
    return gateway.notice(body, signature);
  };
  const refusal = (code: string) =>
    expect.objectContaining({ failure: expect.objectContaining({ code }) }) as Error;

  test.each([
    ['signed by somebody else', { secret: 'whsec_other' }],
    ['that is old', { seconds: Math.floor(Date.now() / 1_000) - 301 }],
  ])('%s is refused', async (_, options) => {
    await gateway.transfer(order());
    expect(() => notice(double.events[0], options)).toThrow(refusal('permission_denied'));
  });

  test('whose body was changed is refused', async () => {
    await gateway.transfer(order());
    const { body, signature } = double.delivery();
    const changed = Buffer.from(body.toString().replace('po_1', 'po_2'));
    expect(() => gateway.notice(changed, signature)).toThrow(refusal('permission_denied'));
  });

  test('that cannot be read is refused', () => {
    const { body, signature } = double.delivery('{');
    expect(() => gateway.notice(body.subarray(0, 1), signature)).toThrow(refusal('permission_denied'));
    expect(() => notice({ object: 'v2.core.event' })).toThrow(refusal('invalid_argument'));
  });

  test('is refused where its secret is not known', async () => {
    const { url, secretKey } = double;
    const deaf = openStripeGateway({
      clusterId: 'cluster',
      secretKey,
      url,
      logger: pino({ level: 'silent' }),
    });
    const { body, signature } = double.delivery({ type: 'transfer.created' });
    expect(() => deaf.notice(body, signature)).toThrow(/TURNPIKE_STRIPE_WEBHOOK_SECRET/);
    await deaf.close();
  });

  test.each([
    ['of another kind', { type: 'charge.succeeded', data: { object: {} } }],
    ['of another kind of object', { type: 'payout.failed', data: { object: { id: 'po_1' } } }],
    [
      'of somebody else’s transfer',
      { type: 'transfer.created', data: { object: { id: 'tr', metadata: {} } } },
    ],
  ])('%s is about no payout', (_, event) => {
    expect(notice({ id: 'evt', object: 'event', ...event })).toBeUndefined();
  });
});
