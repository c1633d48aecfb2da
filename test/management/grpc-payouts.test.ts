import { credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LotStatus, PayoutSchedule } from '../../proto/generated/turnpike/v1/account.ts';
import {
  PartnerServiceClient,
  type PartnerServiceService,
  UpdatePayoutTermsRequest,
} from '../../proto/generated/turnpike/v1/partner_service.ts';
import {
  CreatePayoutRequest,
  PayoutServiceClient,
  type PayoutServiceService,
  PayoutStatus,
} from '../../proto/generated/turnpike/v1/payout_service.ts';
import { detailsOf, failureOf } from './grpc-client.ts';
import { ManagementSystem, NOW } from './management-system.ts';

type Methods = typeof PartnerServiceService & typeof PayoutServiceService;
type RequestOf<M extends keyof Methods> = Parameters<Methods[M]['requestSerialize']>[0];
type AnswerOf<M extends keyof Methods> = ReturnType<Methods[M]['responseDeserialize']>;

let system: ManagementSystem;
let stubs: readonly [PayoutServiceClient, PartnerServiceClient];
beforeAll(async () => {
  system = await ManagementSystem.start();
  const open = credentials.createInsecure();
  stubs = [new PayoutServiceClient(system.grpc, open), new PartnerServiceClient(system.grpc, open)];
});
beforeEach(() => system.actors.reset());
afterAll(async () => {
  for (const stub of stubs ?? []) stub.close();
  await system?.[Symbol.asyncDispose]();
});

/** Calls a method of whichever service has it. @throws ServiceError */
function call<M extends keyof Methods>(method: M, request: RequestOf<M>): Promise<AnswerOf<M>> {
  const stub = stubs.find((candidate) => method in candidate);
  // The stub's methods are overloaded, which no inference gets through.
  const run = (stub as unknown as Record<string, unknown>)[method] as (
    request: object,
    done: (error: ServiceError | null, answer: AnswerOf<M>) => void,
  ) => void;
  return new Promise((resolve, reject) => {
    run.call(stub, request, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

const usd = (units: bigint, nanos = 0) => ({ currencyCode: 'USD', units, nanos });
const ask = (more: Parameters<typeof CreatePayoutRequest.fromPartial>[0] = {}) =>
  call('createPayout', CreatePayoutRequest.fromPartial({ partnerId: 'ana', amount: usd(10n), ...more }));
const pay = () =>
  system.actors.pay({ transfer: async () => ({ kind: 'succeeded', transferId: 'tr_1' }) as const });
const earn = (micros: number): Promise<void> =>
  system.actors.tell({
    actorKind: 'account',
    actorId: 'ana',
    name: 'commissions',
    payload: {
      campaignId: 'summer',
      currency: 'USD',
      assigned: [
        {
          releaseAt: NOW - (NOW % 3_600_000),
          micros: `${micros}`,
          conversions: 1,
          clicks: 0,
          impressions: 0,
        },
      ],
      reversed: [],
    },
  });

describe('the service of payouts', () => {
  test('asks for a payout, once for a request id, and tells what becomes of it', async () => {
    await earn(10_505_000);
    const asked = await ask({ requestId: 'r1' });
    expect(asked).toMatchObject({ reference: 'r1', status: PayoutStatus.PENDING, amount: usd(10n) });
    await pay();
    expect(await ask({ requestId: 'r1' })).toMatchObject({ id: asked.id, status: PayoutStatus.SUCCEEDED });
    expect(await call('getPayout', { payoutId: asked.id })).toMatchObject({
      transferId: 'tr_1',
      lots: [{ campaignId: 'summer', amount: usd(10n) }],
      failure: undefined,
    });
    system.warehouse.payouts = [{ payout_id: asked.id, created_ms: String(NOW) }];
    const query = { pageSize: 0, pageToken: '', partnerId: 'ana', status: PayoutStatus.SUCCEEDED };
    expect((await call('listPayouts', query)).payouts.map(({ id }) => id)).toEqual([asked.id]);
  });

  test('says in details what is wrong, what is payable, and what there is not', async () => {
    await earn(9_990_000);
    expect(detailsOf(await failureOf(ask()))).toMatchObject({
      PreconditionFailure: {
        violations: [{ subject: 'amount', description: expect.stringContaining('at most 9.99 USD') }],
      },
    });
    expect(
      detailsOf(await failureOf(ask({ amount: { currencyCode: 'JPY', units: 10n, nanos: 500_000_000 } }))),
    ).toMatchObject({ BadRequest: { fieldViolations: [{ field: 'amount' }] } });
    const payoutId = `po_${'0'.repeat(32)}`;
    expect(detailsOf(await failureOf(call('getPayout', { payoutId })))).toMatchObject({
      ResourceInfo: { resourceType: 'turnpike.v1.Payout', resourceName: payoutId },
    });
    await ask({ reference: 'r', amount: usd(1n) });
    const other = await failureOf(ask({ reference: 'r', amount: usd(2n) }));
    expect(detailsOf(other)).toMatchObject({ ErrorInfo: { reason: 'ALREADY_EXISTS' } });
  });
});

describe('accounts in the service of partners', () => {
  test('tell balances, below zero too, and what is not paid', async () => {
    await earn(4_000_000);
    await ask({ advance: true });
    await pay();
    const { balances, terms } = await call('getAccount', { partnerId: 'ana' });
    expect(balances).toMatchObject([{ assigned: usd(4n), paid: usd(10n), payable: usd(-6n) }]);
    expect(terms).toMatchObject({ schedule: PayoutSchedule.NONE, suspended: false });
    await earn(7_250_000);
    expect((await call('listAccountLots', { partnerId: 'ana' })).lots).toMatchObject([
      { campaignId: 'summer', amount: usd(1n, 250_000_000), status: LotStatus.APPROVED },
    ]);
  });

  test('have terms of which the mask names what changes', async () => {
    await earn(1);
    const update = (more: Parameters<typeof UpdatePayoutTermsRequest.fromPartial>[0]) =>
      call('updatePayoutTerms', UpdatePayoutTermsRequest.fromPartial({ partnerId: 'ana', ...more }));
    const set = await update({
      terms: { schedule: PayoutSchedule.WEEKLY, minimums: [usd(5n)], destination: 'acct_1' },
    });
    expect(set).toMatchObject({ schedule: PayoutSchedule.WEEKLY, nextPayoutAt: { nanos: 0 } });
    const changed = await update({ terms: {}, updateMask: ['destination'], etag: set.etag });
    expect(changed).toMatchObject({ destination: '', minimums: [usd(5n)] });
    const stale = await failureOf(update({ terms: {}, updateMask: ['minimums'], etag: set.etag }));
    expect(detailsOf(stale)).toMatchObject({ ErrorInfo: { reason: 'ABORTED' } });
    expect(detailsOf(await failureOf(update({ terms: {}, updateMask: ['mood'] })))).toMatchObject({
      BadRequest: { fieldViolations: [{ field: 'update_mask' }] },
    });
  });
});
