import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EventInput } from '../../actors/test-support.ts';
import { encodePageToken } from '../../management/application/page-token.ts';
import { EventType } from '../../model/event.ts';
import type { TransferOutcome } from '../../model/transfer.ts';
import {
  CommissionServiceClient,
  CommissionStatus,
  ListCommissionsRequest,
  type ListCommissionsResponse,
  type Saga,
  SagaState,
} from '../../proto/generated/turnpike/v1/commission_service.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, NOW, SUMMER } from './management-system.ts';

const DAY = 86_400_000;
const usd = (amount: string) => ({ amount, currency: 'USD' });

let folder: TemporaryFolder;
let warehouse: Warehouse;
let system: ManagementSystem;
/** Of the test: what others have left in the warehouse is of other campaigns and partners. */
let campaign = '';
let partner = '';
let tests = 0;
beforeAll(async () => {
  folder = temporaryFolder('commissions');
  warehouse = openWarehouse({ chdbDirectory: folder.path });
  await warehouse.migrate();
  system = await ManagementSystem.start(warehouse);
});
/** Every test has a campaign that pays a tenth of a sale, and holds it for a day. */
beforeEach(async () => {
  system.time = NOW;
  campaign = `summer-${++tests}`;
  partner = `ann-${tests}`;
  const commission = { model: 'PERCENTAGE', percent: '10', hold_days: 1 };
  await call('POST /v1/campaigns', { ...SUMMER, campaign_id: campaign, commission });
  await call(`POST /v1/campaigns/${campaign}:activate`);
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await warehouse?.close();
  folder?.[Symbol.dispose]();
});

const call = (target: string, body?: unknown, headers = {}): Promise<Answer> =>
  send(system.http, target, body, headers);
const sale = (order: string, more: Partial<EventInput> = {}) =>
  system.actors.track([
    {
      eventId: order,
      campaignId: campaign,
      type: EventType.conversion,
      transactionId: order,
      partnerId: partner,
      occurredAt: system.time,
      valueMicros: 20_000_000,
      currency: 'USD',
      ...more,
    },
  ]);
const pay = (outcome: TransferOutcome = { kind: 'succeeded', transferId: 'tr_1' }) =>
  system.actors.pay({ transfer: async () => outcome });
const payout = async (amount: string) =>
  (await call('POST /v1/payouts', { partner_id: partner, amount: usd(amount) })).body;
const list = async (query = ''): Promise<{ id: string; status: string; amount: object }[]> =>
  (await call(`GET /v1/commissions?partner_id=${partner}${query}`)).body.commissions;
const statuses = async (query = '') => (await list(query)).map(({ status }) => status);
const only = async (): Promise<string> => (await list())[0]?.id as string;
const stepsOf = ({ steps }: { steps: { step: string }[] }) => steps.map(({ step }) => step);
const sagaOf = async (id: string) => (await call(`GET /v1/sagas/${id}`)).body;

describe('a commission', () => {
  test('is held, approved, paid, and seen at each', async () => {
    await sale('o1');
    const [commission] = await list();
    expect(commission).toMatchObject({
      campaign_id: campaign,
      partner_id: partner,
      decision_id: expect.stringMatching(/^0-/),
      share: 1,
      revenue: usd('20.00'),
      amount: usd('2.00'),
      status: 'HELD',
      earned_at: '2026-11-22T12:34:56.789Z',
      release_at: '2026-11-23T13:00:00.000Z',
    });
    expect(commission?.id).toMatch(/^0-[0-9a-z]+-0-0$/);
    system.time = NOW + 2 * DAY;
    expect(await statuses()).toEqual(['APPROVED']);
    await payout('2.00');
    expect(await statuses()).toEqual(['APPROVED']);
    await pay();
    expect(await statuses()).toEqual(['PAID']);
    expect((await call(`GET /v1/commissions/${commission?.id}`)).body.status).toBe('PAID');
  });

  test('is reversed by a refund, before it is paid and after', async () => {
    await sale('o1');
    await sale('o2');
    system.time = NOW + 2 * DAY;
    await payout('4.00');
    await pay();
    await sale('o3');
    const refund = (order: string) =>
      call(`POST /v1/campaigns/${campaign}:refund-conversion`, { transaction_id: order });
    await refund('o1');
    await refund('o3');
    expect(await statuses()).toEqual(['REVERSED', 'PAID', 'REVERSED']);
    expect((await list())[0]).toMatchObject({ reversed_at: '2026-11-24T12:34:56.789Z' });
  });

  test('is listed by partner, campaign, status and time, page by page', async () => {
    await sale('o1');
    system.time = NOW + 2 * DAY;
    for (const order of ['o2', 'o3', 'o4']) await sale(order);
    await sale('o5', { partnerId: 'somebody' });
    expect(await statuses()).toEqual(['HELD', 'HELD', 'HELD', 'APPROVED']);
    expect(await statuses('&status=approved')).toEqual(['APPROVED']);
    expect(await statuses('&to=2026-11-23T00:00:00Z')).toEqual(['APPROVED']);
    expect(await statuses('&from=2026-11-23T00:00:00Z&campaign_id=other')).toEqual([]);
    const all = (await call(`GET /v1/commissions?campaign_id=${campaign}`)).body.commissions;
    expect(all).toHaveLength(5);
    const ids: string[] = [];
    for (let token = '', pages = 0; pages === 0 || token !== ''; pages++) {
      const query = `partner_id=${partner}&status=HELD&page_size=2${token && `&page_token=${token}`}`;
      const { body } = await call(`GET /v1/commissions?${query}`);
      ids.push(...body.commissions.map(({ id }: { id: string }) => id));
      token = body.next_page_token;
    }
    expect(ids).toEqual((await list('&status=HELD')).map(({ id }) => id));
  });

  test('that there is not is told, and so is what is wrong with a list', async () => {
    for (const id of ['0-zzzzz-0-0', 'nothing', `po_${'0'.repeat(32)}`])
      expect((await call(`GET /v1/commissions/${id}`)).status).toBe(404);
    const nobody = await call('GET /v1/commissions');
    expect(nobody.body.violations).toMatchObject([{ field: 'partner_id' }]);
    const wrong = await call(`GET /v1/commissions?partner_id=x&status=LOST`);
    expect(wrong.body.violations).toMatchObject([{ field: 'status' }]);
  });
});

describe('the saga of a commission', () => {
  test('tells every step from the conversion to the money', async () => {
    await sale('o1');
    const id = await only();
    expect(await sagaOf(id)).toMatchObject({
      kind: 'COMMISSION',
      state: 'RUNNING',
      partner_id: partner,
      amount: usd('2.00'),
      steps: [
        { step: 'conversion_decided', event_id: 'o1', transaction_id: 'o1', at: '2026-11-22T12:34:56.789Z' },
        { step: 'commission_assigned', amount: usd('2.00'), ledger_entry_id: expect.any(String) },
      ],
    });
    system.time = NOW + 2 * DAY;
    const { id: payoutId } = await payout('2.00');
    await pay({ kind: 'unknown', message: 'no answer' });
    system.time += DAY;
    await system.actors.tick();
    await pay();
    const saga = await sagaOf(id);
    expect(saga.state).toBe('SETTLED');
    expect(stepsOf(saga)).toEqual([
      'conversion_decided',
      'commission_assigned',
      'commission_approved',
      'payout_reserved',
      'payout_attempted',
      'payout_unanswered',
      'payout_attempted',
      'payout_succeeded',
    ]);
    expect(saga.steps.at(-1)).toMatchObject({ payout_id: payoutId, detail: expect.stringContaining('tr_1') });
  });

  test('is compensated by a refund', async () => {
    await sale('o1');
    const id = await only();
    await call(`POST /v1/campaigns/${campaign}:refund-conversion`, { transaction_id: 'o1' });
    const saga = await sagaOf(id);
    expect([saga.state, stepsOf(saga).at(-1)]).toEqual(['COMPENSATED', 'commission_reversed']);
  });

  test('goes on after everything was read again from what was saved', async () => {
    await sale('o1');
    system.actors.restart();
    system.time = NOW + 2 * DAY;
    await system.actors.tick();
    system.actors.restart();
    await payout('2.00');
    system.actors.restart();
    await pay();
    expect((await sagaOf(await only())).state).toBe('SETTLED');
  });
});

describe('the saga of a payout', () => {
  test('tells what the account and the gateway have done', async () => {
    await sale('o1');
    await sale('o2');
    system.time = NOW + 2 * DAY;
    const { id } = await payout('3.00');
    await pay();
    const saga = await sagaOf(id);
    expect(saga).toMatchObject({ kind: 'PAYOUT', state: 'SETTLED', amount: usd('3.00') });
    expect([...stepsOf(saga)].sort()).toEqual([
      'account_paid',
      'account_reserved',
      'payout_attempted',
      'payout_requested',
      'payout_reserved',
      'payout_succeeded',
    ]);
  });

  test('is compensated where it is declined', async () => {
    await sale('o1');
    system.time = NOW + 2 * DAY;
    const { id } = await payout('2.00');
    await pay({ kind: 'declined', code: 'account_closed', message: 'the account is closed' });
    const saga = await sagaOf(id);
    expect(saga.state).toBe('COMPENSATED');
    expect(stepsOf(saga)).toEqual(expect.arrayContaining(['payout_declined', 'account_returned']));
    expect(await statuses()).toEqual(['APPROVED']);
  });
});

describe('whatever is asked about money', () => {
  const TEXTS = [
    '%00',
    "'",
    '%22%5C',
    '%F0%9F%92%A9',
    'a%0Ab',
    '..%2F..',
    'x'.repeat(3_000),
    '%ED%A0%80',
    '%',
    '',
  ];
  const paths = TEXTS.flatMap((text) => [
    `/v1/payouts?partner_id=${text}`,
    `/v1/payouts?page_token=${text}`,
    `/v1/payouts/${text}`,
    `/v1/partners/${text}/account`,
    `/v1/partners/${text}/ledger`,
    `/v1/commissions?partner_id=${text}`,
    `/v1/commissions?campaign_id=${text}`,
    `/v1/commissions/${text}`,
    `/v1/sagas/po_${text}`,
    `/pagos/${text}`,
  ]);
  const times = ['0001-01-01T00:00:00Z', '2300-01-01T00:00:00Z', '9999-12-31T23:59:59Z'].flatMap((time) => [
    `/v1/commissions?partner_id=a&from=${time}`,
    `/v1/partners/somebody/ledger?to=${time}`,
  ]);
  const far = Number.MAX_SAFE_INTEGER;
  const tokens = [
    `/v1/payouts?page_token=${encodePageToken(['payouts', null, null], [far, 'x'])}`,
    `/v1/partners/somebody/ledger?page_token=${encodePageToken(['ledger', 'somebody', {}], [far, far])}`,
    `/v1/commissions?partner_id=a&page_token=${encodePageToken(
      ['commissions', 'a', null, null, null, null],
      [far, far, far, far, far],
    )}`,
    '/v1/commissions/zzzz-zzzzzzzzzzz-zzzzzzz-zz',
  ];

  test('is answered, and by no error of ours', async () => {
    await sale('o1', { partnerId: 'somebody' });
    for (const path of [...paths, ...times, ...tokens])
      expect((await call(`GET ${path}`)).status, path.slice(0, 100)).toBeLessThan(500);
    for (const body of [
      'null',
      '{"partner_id":"\\ud800"}',
      '{"monto":1e300,"moneda":"USD","id_afiliado":"a"}',
    ])
      for (const path of ['/v1/payouts', '/pagos/', '/v1/gateway/notices'])
        expect((await call(`POST ${path}`, body)).status, `${path} ${body}`).toBeLessThan(500);
  });
});

test('commissions and sagas are told over gRPC too', async () => {
  await sale('o1');
  const stub = new CommissionServiceClient(system.grpc, credentials.createInsecure());
  const request = ListCommissionsRequest.fromPartial({ partnerId: partner, status: CommissionStatus.HELD });
  const { commissions } = await new Promise<ListCommissionsResponse>((resolve, reject) => {
    stub.listCommissions(request, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  expect(commissions).toMatchObject([
    { partnerId: partner, amount: { currencyCode: 'USD', units: 2n }, reversedAt: undefined },
  ]);
  const saga = await new Promise<Saga>((resolve, reject) => {
    stub.getSaga({ sagaId: commissions[0]?.id ?? '' }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
  expect(saga).toMatchObject({ state: SagaState.RUNNING, steps: [{ eventId: 'o1' }, {}] });
  stub.close();
});
