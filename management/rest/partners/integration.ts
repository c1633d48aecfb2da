/** The route on which other systems send their events. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { INTEGRATION_TYPES, within } from '../../application/partners/integration-draft.ts';
import {
  eventsOf,
  type IntegrationEvents,
  type IntegrationResult,
} from '../../application/partners/integration-events.ts';
import { PROBLEMS } from '../responses.ts';
import { shared, words } from '../schema-parts.ts';
import { PartnerResource, partnerResource } from './partners.ts';

const ResultResource = Type.Object(
  {
    id: Type.String({ description: 'The event.' }),
    type: words(INTEGRATION_TYPES, 'What it was.'),
    partner: shared(PartnerResource),
    welcome_campaign: Type.Optional(
      Type.Object(
        {
          campaign_id: Type.String({ description: 'The campaign.' }),
          status: Type.Optional(
            Type.String({ description: 'Where it is in its life; absent: it was refused.' }),
          ),
          missing: Type.Array(Type.Object({ field: Type.String(), description: Type.String() }), {
            description: 'What it still lacks to be launched.',
          }),
          refusal: Type.Optional(Type.String({ description: 'Why the partner does not get it.' })),
        },
        { description: 'The campaign that the partner got to begin with.' },
      ),
    ),
  },
  { $id: 'IntegrationResult', description: 'What an event of another system has come to.' },
);

const Results = Type.Object({
  results: Type.Array(shared(ResultResource), { description: 'In the order of the events.' }),
});

const Body = Type.Unknown({
  description:
    'A CloudEvent (1.0, structured JSON), or a list of some: `onboarding.contract_activated` with `partner_id`, ' +
    '`contract_id`, `campaign_permissions`, `budget_limits`, `feature_flags` and `contract_terms`; ' +
    '`partner_management.partner_validation` with `partner_id` and `validation_status`.',
  examples: [
    {
      specversion: '1.0',
      id: 'a1b2',
      source: 'onboarding',
      type: 'onboarding.contract_activated',
      time: '2026-11-22T12:00:00Z',
      data: {
        partner_id: 'ana',
        contract_id: 'k-77',
        campaign_permissions: { campaign_creation: true },
        budget_limits: { daily_budget_limit: 500, max_active_campaigns: 2 },
        feature_flags: { auto_welcome_campaign: true },
        contract_terms: { currency: 'USD' },
      },
    },
  ],
});

export function integrationRoutes(server: FastifyInstance, integration: IntegrationEvents): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  app.addSchema(ResultResource);
  app.post(
    '/v1/integration-events',
    {
      schema: {
        operationId: 'takeIntegrationEvents',
        summary: 'Take events of other systems',
        description:
          'An event may be sent any number of times and has its effect once. A list is checked as a whole before ' +
          'anything of it has an effect; its events are taken in order.',
        tags: ['Partners'],
        body: Body,
        response: { 200: Results, ...PROBLEMS },
      },
    },
    async ({ body }) => {
      const events = eventsOf(body);
      if (Array.isArray(body))
        for (const [at, event] of events.entries()) within(`[${at}]`, () => integration.check(event));
      const results: Static<typeof ResultResource>[] = [];
      for (const event of events) results.push(resultResource(await integration.take(event)));
      return { results };
    },
  );
}

function resultResource({ id, type, partner, welcome }: IntegrationResult): Static<typeof ResultResource> {
  return {
    id,
    type,
    partner: partnerResource(partner),
    ...(welcome && {
      welcome_campaign: {
        campaign_id: welcome.campaignId,
        ...(welcome.campaign && { status: welcome.campaign.status }),
        missing: [...welcome.missing],
        ...(welcome.refusal !== undefined && { refusal: welcome.refusal }),
      },
    }),
  };
}
