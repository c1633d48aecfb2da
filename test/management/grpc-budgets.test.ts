import { status as Code, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BudgetPacing } from '../../proto/generated/turnpike/v1/budget.ts';
import {
  Allocation,
  BudgetServiceClient,
  type BudgetServiceService,
} from '../../proto/generated/turnpike/v1/budget_service.ts';
import { Money } from '../../proto/generated/turnpike/v1/money.ts';
import { detailsOf, failureOf, GrpcClient, summer } from './grpc-client.ts';
import { ManagementSystem } from './management-system.ts';

type Methods = typeof BudgetServiceService;
type AnswerOf<M extends keyof Methods> = ReturnType<Methods[M]['responseDeserialize']>;

let system: ManagementSystem;
let campaigns: GrpcClient;
let budgets: BudgetServiceClient;
beforeAll(async () => {
  system = await ManagementSystem.start();
  campaigns = new GrpcClient(system.grpc);
  budgets = new BudgetServiceClient(system.grpc, credentials.createInsecure());
});
afterAll(async () => {
  campaigns?.[Symbol.dispose]();
  budgets?.close();
  await system?.[Symbol.asyncDispose]();
});

let count = 0;
let campaignId = '';
/** Every test has a campaign of its own, which may spend 1,000. */
beforeEach(async () => {
  campaignId = `summer-${++count}`;
  await campaigns.call('createCampaign', { campaignId, campaign: summer(), requestId: '' });
});

/** Calls a method on the test's campaign. @throws ServiceError */
function call<M extends keyof Methods>(method: M, request: object = {}): Promise<AnswerOf<M>> {
  type Run = (request: object, done: (error: ServiceError | null, answer: AnswerOf<M>) => void) => void;
  // The stub's methods are overloaded, which no inference gets through.
  const run = budgets[method] as unknown as Run;
  const whole = {
    campaignId,
    allocations: [],
    from: '',
    to: '',
    allocation: '',
    description: '',
    reference: '',
  };
  return new Promise((resolve, reject) => {
    run.call(
      budgets,
      { reason: '', days: 0, requestId: '', etag: '', ...whole, ...request },
      (error, answer) => (error ? reject(error) : resolve(answer)),
    );
  });
}

const usd = (units: number, nanos = 0): Money =>
  Money.fromPartial({ currencyCode: 'USD', units: BigInt(units), nanos });
const mail = Allocation.fromPartial({
  name: 'mail',
  amount: usd(300),
  match: { field: 'utm_source', value: 'mail' },
});

describe('BudgetService', () => {
  test('tells, shares out, moves and raises a budget', async () => {
    expect(await call('getBudget')).toMatchObject({ total: usd(1_000), left: usd(1_000), etag: '1' });
    expect(await call('allocateBudget', { allocations: [mail] })).toMatchObject({
      allocations: [{ name: 'mail', amount: usd(300), match: mail.match, spent: usd(0), left: usd(300) }],
      unallocated: usd(700),
    });
    expect(await call('reallocateBudget', { amount: usd(100), from: 'mail' })).toMatchObject({
      allocations: [{ amount: usd(200) }],
    });
    expect(await call('authorizeExtraBudget', { amount: usd(50), reason: 'It sells.' })).toMatchObject({
      total: usd(1_050),
      extra: usd(50),
      pace: { pacing: BudgetPacing.ASAP },
    });
  });

  test('records spend, once for a reference, and forecasts it', async () => {
    const spend = { amount: usd(30), reference: 'i-7' };
    expect(await call('recordSpend', spend)).toMatchObject({ recorded: true, budget: { spent: usd(30) } });
    expect(await call('recordSpend', spend)).toMatchObject({ recorded: false, budget: { spent: usd(30) } });
    expect(await call('forecastSpend')).toMatchObject({ days: 30, records: 1n, insufficientData: true });
    await call('recordSpend', { amount: usd(30) });
    await call('recordSpend', { amount: usd(30) });
    expect(await call('forecastSpend', { days: 2 })).toMatchObject({
      insufficientData: false,
      dailyMean: usd(90),
      expectedSpend: usd(180),
      recommendedDaily: usd(455),
    });
  });

  test('FAILED_PRECONDITION names what is left and the state', async () => {
    const error = await failureOf(call('recordSpend', { amount: usd(1_000, 10_000_000) }));
    expect(error.code).toBe(Code.FAILED_PRECONDITION);
    expect(detailsOf(error).PreconditionFailure).toMatchObject({
      violations: [
        { type: 'STATE', subject: campaignId },
        { subject: 'amount', description: 'must be at most what the budget has left, 1000.00' },
      ],
    });
  });

  test.each([
    ['allocateBudget', { allocations: [{ ...mail, amount: undefined }] }, 'allocations[0].amount'],
    [
      'allocateBudget',
      { allocations: [{ ...mail, match: { field: 'sub1', value: 'x' } }] },
      'allocations[0].match.field',
    ],
    ['reallocateBudget', { from: 'mail' }, 'amount'],
    ['authorizeExtraBudget', { amount: usd(1) }, 'reason'],
    ['recordSpend', { amount: { ...usd(1), currencyCode: 'EUR' } }, 'amount.currency_code'],
    ['recordSpend', { amount: usd(-1) }, 'amount'],
    ['forecastSpend', { days: 366 }, 'days'],
    ['getBudget', { campaignId: '' }, 'campaign_id'],
  ] as const)('INVALID_ARGUMENT of %s names the field', async (method, request, field) => {
    const error = await failureOf(call(method, request));
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    expect(detailsOf(error).BadRequest).toMatchObject({ fieldViolations: [{ field }] });
  });

  test('ABORTED for another etag, NOT_FOUND for no campaign', async () => {
    expect((await failureOf(call('allocateBudget', { etag: '9' }))).code).toBe(Code.ABORTED);
    expect((await failureOf(call('getBudget', { campaignId: 'nobody' }))).code).toBe(Code.NOT_FOUND);
  });
});
