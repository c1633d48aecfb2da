import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCurl } from '../support/curl.ts';
import { launchCampaign, type MoneyJson, rest } from '../support/management.ts';
import { PAYMENT_REQUESTS } from '../support/printed-requests.ts';
import { call as callGrpc, ReflectionClient } from '../support/reflection.ts';
import { Server } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

interface BalanceJson {
  readonly assigned: MoneyJson;
  readonly reversed: MoneyJson;
  readonly payable: MoneyJson;
  readonly in_transit: MoneyJson;
  readonly paid: MoneyJson;
  readonly balance: MoneyJson;
}
interface PayoutJson {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
}
interface SagaJson {
  readonly state: string;
  readonly steps: readonly { readonly step: string }[];
}
interface EntryJson {
  readonly from_account: string;
  readonly to_account: string;
  readonly amount: MoneyJson;
}

/** How often the same is sent, and by how many at the same time. */
const TIMES = 1_000;
const CLIENTS = 32;

let server: Server;
let grpc: ReflectionClient;
beforeAll(async () => {
  server = await Server.start();
  grpc = new ReflectionClient(server.addresses.grpc);
  await launchCampaign(server, 'autumn', {
    budget: { total: { amount: '100000', currency: 'USD' } },
    cost: { model: 'CPA', rate: { amount: '1', currency: 'USD' } },
    commission: { model: 'PERCENTAGE', percent: '10' },
  });
});
afterAll(async () => {
  grpc?.[Symbol.dispose]();
  await server?.[Symbol.asyncDispose]();
});

const get = async <Body>(path: string): Promise<Body> => (await rest<Body>(server, 'GET', path)).body;
const commissions = async (partner: string): Promise<object[]> =>
  (await get<{ commissions: object[] }>(`/v1/commissions?partner_id=${partner}`)).commissions;
const balance = async (partner: string): Promise<BalanceJson | undefined> =>
  (await get<{ balances?: BalanceJson[] }>(`/v1/partners/${partner}/account`)).balances?.[0];
/** Resolves when what the account has of something comes to an amount. */
const reaches = (partner: string, field: keyof BalanceJson, amount: string) =>
  waitFor(`${amount} ${field}`, async () => (await balance(partner))?.[field].amount === amount, 30_000);
/** A conversion as the advertiser's server tells it; gives what was said of it. */
const sell = async (partner: string, order: string, value: string): Promise<string> => {
  const query = `campaign_id=autumn&partner_id=${partner}&transaction_id=${order}&value=${value}&currency=USD`;
  const answer = await fetch(`${server.addresses.ingest}/v1/postback?${query}`);
  const { results } = (await answer.json()) as { results: { status: string }[] };
  return results[0]?.status ?? '';
};

/** Does the same again and again, by many at the same time; gives what came of each. */
async function byAll<T>(times: number, work: (number: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (let number = next++; number < times; number = next++) done.push(await work(number));
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return done;
}

// Most of what they do is to wait for each other's blocks.
describe.concurrent('money of partners', () => {
  test('the same conversion, sent a thousand times by many, is one commission', async () => {
    const statuses = await byAll(TIMES, () => sell('bea', 'order-1', '200.00'));
    expect(statuses.filter((status) => status === 'accepted')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'duplicate')).toHaveLength(TIMES - 1);
    await reaches('bea', 'payable', '20.00');
    expect(await balance('bea')).toMatchObject({ assigned: { amount: '20.00' } });
    expect(await commissions('bea')).toMatchObject([{ amount: { amount: '20.00' }, status: 'APPROVED' }]);
  });

  test('the same payout, asked for by many over both protocols, is one transfer', async () => {
    await sell('carl', 'order-2', '200.00');
    await reaches('carl', 'payable', '20.00');
    const service = await grpc.client('turnpike.v1.PayoutService');
    const ids = await byAll(TIMES / 5, async (number) => {
      const reference = { partner_id: 'carl', reference: 'november' };
      if (number % 2 === 0) {
        const amount = { currency_code: 'USD', units: 15 };
        return (await callGrpc<PayoutJson>(service, 'CreatePayout', { ...reference, amount })).id;
      }
      const body = { ...reference, amount: { amount: '15.00', currency: 'USD' } };
      return (await rest<PayoutJson>(server, 'POST', '/v1/payouts', body)).body.id;
    });
    expect(new Set(ids).size).toBe(1);
    await reaches('carl', 'paid', '15.00');
    expect(await balance('carl')).toMatchObject({
      payable: { amount: '5.00' },
      in_transit: { amount: '0.00' },
    });
    expect(await get(`/v1/payouts/${ids[0]}`)).toMatchObject({ status: 'SUCCEEDED', attempts: 1 });
    const { payouts } = await get<{ payouts: PayoutJson[] }>('/v1/payouts?partner_id=carl&status=SUCCEEDED');
    expect(payouts.map(({ id }) => id)).toEqual([ids[0]]);
    const sagas = await grpc.client('turnpike.v1.CommissionService');
    const saga = await callGrpc<SagaJson>(sagas, 'GetSaga', { saga_id: ids[0] });
    expect(saga.state).toBe('SAGA_STATE_SETTLED');
    expect(saga.steps.filter(({ step }) => step === 'payout_attempted')).toHaveLength(1);
  });

  test('a refund after the payment leaves the balance below zero, and commissions make up for it', async () => {
    await sell('ana', 'order-3', '200.00');
    await reaches('ana', 'payable', '20.00');
    await rest(server, 'POST', '/v1/payouts', { partner_id: 'ana', currency: 'USD', reference: 'november' });
    await reaches('ana', 'paid', '20.00');
    const refund = { transaction_id: 'order-3', reason: 'sent back' };
    const path = '/v1/campaigns/autumn:refund-conversion';
    expect((await rest(server, 'POST', path, refund)).status).toBe(200);
    await reaches('ana', 'balance', '-20.00');
    expect(await sell('ana', 'order-4', '220.00')).toBe('accepted');
    await reaches('ana', 'payable', '2.00');
    expect(await commissions('ana')).toMatchObject([{ status: 'APPROVED' }, { status: 'REVERSED' }]);
    // The entries of the books come to the balances.
    const { entries } = await get<{ entries: EntryJson[] }>('/v1/partners/ana/ledger?page_size=1000');
    const sums: Record<string, number> = {};
    for (const { from_account, to_account, amount } of entries) {
      const cents = Math.round(Number(amount.amount) * 100);
      sums[from_account] = (sums[from_account] ?? 0) - cents;
      sums[to_account] = (sums[to_account] ?? 0) + cents;
    }
    expect(sums).toEqual({ commissions: -2_200, held: 0, payable: 200, in_transit: 0, paid: 2_000 });
  });

  test('the printed request pays an affiliate whom nobody has registered', async () => {
    const { path, body } = readCurl(PAYMENT_REQUESTS.create);
    const created = await rest<{ id_pago: string }>(server, 'POST', path, JSON.parse(body ?? ''));
    expect(created).toMatchObject({ status: 201, body: { estado: 'PENDIENTE', monto: 100.5 } });
    const { id_pago } = created.body;
    const state = async () => (await get<{ estado: string }>(`/pagos/${id_pago}`)).estado;
    await waitFor('the payment', async () => (await state()) === 'EXITOSO', 30_000);
    const { transferencias } = await get<{ transferencias: object }>('/pagos/outbox/estadisticas');
    expect(transferencias).toMatchObject({ publicados: expect.any(Number), fallidos: 0 });
  });
});
