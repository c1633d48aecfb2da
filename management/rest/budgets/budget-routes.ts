/** The routes of budgets: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import {
  AllocationsDraft,
  ExtraDraft,
  ForecastDays,
  ReallocationDraft,
  SpendDraft,
} from '../../application/budgets/budget-drafts.ts';
import type { Budgets } from '../../application/budgets/budgets.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { CAMPAIGN, PROBLEMS, problemResponse } from '../responses.ts';
import { CampaignPath, ChangeHeaders, shared } from '../schemas.ts';
import {
  BudgetResource,
  budgetResource,
  ForecastResource,
  forecastResource,
  RecordedSpendResource,
  recordedSpendResource,
} from './budgets.ts';

const TAGS = ['Budgets'];
const NO_BUDGET = { 404: problemResponse('There is no such campaign, or it has no budget.') };
const REFUSALS = {
  409: problemResponse(
    'The budget does not allow it: `violations` says what is left, `state` names the status.',
  ),
  412: problemResponse('The campaign has another etag than `If-Match` demands.'),
  ...NO_BUDGET,
  ...PROBLEMS,
};

export function budgetRoutes(server: FastifyInstance, budgets: Budgets): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [BudgetResource, RecordedSpendResource, ForecastResource]) app.addSchema(schema);

  app.get(
    `${CAMPAIGN}/budget`,
    {
      schema: {
        operationId: 'getBudget',
        summary: "Get a campaign's budget as it is now",
        description: 'It includes everything that was answered before the request was sent.',
        tags: TAGS,
        params: CampaignPath,
        response: { 200: shared(BudgetResource), ...NO_BUDGET, ...PROBLEMS },
      },
    },
    async ({ params }, reply) => {
      const budget = await budgets.get(params.campaign_id);
      reply.header('etag', etagHeader(budget.etag));
      return budgetResource(budget);
    },
  );

  app.put(
    `${CAMPAIGN}/budget/allocations`,
    {
      schema: {
        operationId: 'allocateBudget',
        summary: 'Say what the money is kept for',
        description:
          'Replaces all allocations; one that is kept, by its name, keeps what it has spent. Together with what was ' +
          'spent outside of them they may not exceed the total.',
        tags: TAGS,
        params: CampaignPath,
        headers: ChangeHeaders,
        body: AllocationsDraft,
        response: { 200: shared(BudgetResource), ...REFUSALS },
      },
    },
    async ({ params, body, headers }, reply) => {
      const budget = await budgets.allocate(params.campaign_id, body, contextOf(headers));
      reply.header('etag', etagHeader(budget.etag));
      return budgetResource(budget);
    },
  );

  app.post(
    `${CAMPAIGN}/budget::reallocate`,
    {
      schema: {
        operationId: 'reallocateBudget',
        summary: 'Move money from one allocation, or what is not allocated, to another',
        tags: TAGS,
        params: CampaignPath,
        headers: ChangeHeaders,
        body: ReallocationDraft,
        response: { 200: shared(BudgetResource), ...REFUSALS },
      },
    },
    async ({ params, body, headers }, reply) => {
      const budget = await budgets.reallocate(params.campaign_id, body, contextOf(headers));
      reply.header('etag', etagHeader(budget.etag));
      return budgetResource(budget);
    },
  );

  app.post(
    `${CAMPAIGN}/budget::authorize-extra`,
    {
      schema: {
        operationId: 'authorizeExtraBudget',
        summary: 'Raise the total',
        tags: TAGS,
        params: CampaignPath,
        headers: ChangeHeaders,
        body: ExtraDraft,
        response: { 200: shared(BudgetResource), ...REFUSALS },
      },
    },
    async ({ params, body, headers }, reply) => {
      const budget = await budgets.authorizeExtra(params.campaign_id, body, contextOf(headers));
      reply.header('etag', etagHeader(budget.etag));
      return budgetResource(budget);
    },
  );

  app.post(
    `${CAMPAIGN}/budget::record-spend`,
    {
      schema: {
        operationId: 'recordSpend',
        summary: 'Record spend that no event stands for',
        description:
          "All of it, or nothing where it exceeds the budget, the day's, the allocation, or a cap on spend.",
        tags: TAGS,
        params: CampaignPath,
        headers: ChangeHeaders,
        body: SpendDraft,
        response: { 200: shared(RecordedSpendResource), ...REFUSALS },
      },
    },
    async ({ params, body, headers }) =>
      recordedSpendResource(await budgets.recordSpend(params.campaign_id, body, contextOf(headers))),
  );

  app.get(
    `${CAMPAIGN}/budget/forecast`,
    {
      schema: {
        operationId: 'forecastSpend',
        summary: 'Tell what will be spent if it goes on as in the last days',
        tags: TAGS,
        params: CampaignPath,
        querystring: Type.Object({ days: Type.Optional(ForecastDays) }),
        response: { 200: shared(ForecastResource), ...NO_BUDGET, ...PROBLEMS },
      },
    },
    async ({ params, query }) => forecastResource(await budgets.forecast(params.campaign_id, query.days)),
  );
}
