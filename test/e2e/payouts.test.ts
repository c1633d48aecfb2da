import { expect, test } from 'vitest';
import type { MoneyJson } from '../../model/money.ts';
import { cleanEnvironment } from '../support/environment.ts';
import { TestProcess } from '../support/process.ts';
import { TURNPIKE } from '../support/project.ts';
import { Server } from '../support/server.ts';
import { StripeDouble } from '../support/stripe-double.ts';
import { waitFor } from '../support/wait.ts';

interface PayoutJson {
  readonly id: string;
  readonly status: string;
  readonly transfer_id?: string;
  readonly attempts: number;
  readonly failure?: { readonly code: string };
}

interface AccountJson {
  readonly balances: readonly { readonly paid: MoneyJson; readonly payable: MoneyJson }[];
}

interface VerifyJson {
  readonly exact: boolean;
  readonly books: { readonly compared: { readonly transfers: number }; readonly wrong: number };
}

const CLIENTS = 32;
const REQUESTS = 1_000;

test('a payout is sent once, whoever asks and whatever is killed, and what comes back is payable again', async () => {
  await using stripe = await StripeDouble.start();
  const settings = {
    TURNPIKE_PARTITIONS: '4',
    TURNPIKE_GATEWAY: 'stripe',
    TURNPIKE_STRIPE_URL: stripe.url,
    TURNPIKE_STRIPE_SECRET_KEY: stripe.secretKey,
    TURNPIKE_STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
  };
  await using server = await Server.start({ settings });
  const { http } = server.addresses;

  const ask = async (reference: string, amount: string): Promise<PayoutJson> => {
    const response = await fetch(`${http}/v1/payouts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        partner_id: 'ana',
        reference,
        amount: { amount, currency: 'USD' },
        advance: true,
        destination: 'acct_ana',
      }),
    });
    expect(response.status).toBe(201);
    return (await response.json()) as PayoutJson;
  };
  const get = async <T>(path: string): Promise<T> => (await (await fetch(`${http}${path}`)).json()) as T;
  const ended = (id: string, status: string): Promise<PayoutJson> =>
    waitFor(
      `${id} ${status}`,
      async () => {
        const payout = await get<PayoutJson>(`/v1/payouts/${id}`);
        return payout.status === status && payout;
      },
      60_000,
    );
  const tell = async (event: unknown, secret = stripe.webhookSecret): Promise<number> => {
    const { body, signature } = stripe.delivery(event, { secret });
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
    return (await fetch(`${http}/v1/gateway/notices`, { method: 'POST', headers, body })).status;
  };

  const ids = new Set<string>();
  let asked = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (asked++ < REQUESTS) ids.add((await ask('one', '12.50')).id);
    }),
  );
  expect(ids.size).toBe(1);
  await ended([...ids][0] as string, 'SUCCEEDED');
  expect(stripe.transfers).toMatchObject([{ amount: 1250, currency: 'usd', destination: 'acct_ana' }]);

  // The process dies when the money is sent, and nobody has told it.
  stripe.faults.push({ kind: 'hang after' });
  const { id } = await ask('two', '7.00');
  await waitFor('the transfer', () => stripe.transfers.length === 2, 60_000);
  await server.kill();
  stripe.forgetKeys();
  await server.restart();
  const sent = await ended(id, 'SUCCEEDED');
  expect(sent.transfer_id).toBe(stripe.transfers[1]?.id);
  expect(stripe.transfers).toHaveLength(2);

  stripe.reverse(stripe.transfers[1]?.id as string, 700);
  const [, , reversed] = stripe.events;
  expect(await tell(reversed, 'whsec_somebody')).toBe(403);
  for (let times = 0; times < 3; times++) expect(await tell(reversed)).toBe(200);
  expect(await ended(id, 'FAILED')).toMatchObject({ failure: { code: 'reversed' } });
  await waitFor('the books', async () => {
    const { balances } = await get<AccountJson>('/v1/partners/ana/account');
    const [{ paid, payable } = { paid: undefined, payable: undefined }] = balances;
    return paid?.amount === '12.50' && payable?.amount === '-12.50';
  });

  await server.terminate();
  await using verification = new TestProcess(
    process.execPath,
    [TURNPIKE, 'verify', '--json', '--gateway'],
    cleanEnvironment({ ...settings, TURNPIKE_DATA_DIR: server.dataDirectory }),
  );
  const { code } = await verification.exited;
  const report = JSON.parse(verification.stdout.trim().split('\n').at(-1) as string) as VerifyJson;
  expect(report).toMatchObject({ exact: true, books: { wrong: 0, compared: { transfers: 2 } } });
  expect(code).toBe(0);
});
