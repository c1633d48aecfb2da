/** The routes of targetings and whom they reach: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Audiences } from '../../application/campaigns/audiences.ts';
import { isObject } from '../../application/merge-patch.ts';
import { CAMPAIGN, PROBLEMS, problemResponse } from '../responses.ts';
import { CampaignPath, shared } from '../schemas.ts';
import {
  ComparisonBody,
  OverlapResource,
  ReachResource,
  reachResource,
  TargetingBody,
  VerdictResource,
} from './targeting.ts';

const TARGETING = '/v1/targeting';
const TAGS = ['Audiences'];
const NO_TARGETING = { 404: problemResponse('There is no such campaign, or it has no targeting.') };

export function audienceRoutes(server: FastifyInstance, audiences: Audiences): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [ReachResource, OverlapResource, VerdictResource]) app.addSchema(schema);

  app.post(
    `${TARGETING}::validate`,
    {
      // What is wrong is the answer here, whatever it is.
      validatorCompiler: () => (value: unknown) => ({ value }),
      schema: {
        operationId: 'validateTargeting',
        summary: 'Say what is wrong with a targeting that a campaign is to have',
        description: 'Answers 200 whatever is wrong: `valid` is false, and `violations` says why.',
        tags: TAGS,
        body: TargetingBody,
        response: { 200: shared(VerdictResource), ...PROBLEMS },
      },
    },
    async (request) => {
      const body: unknown = request.body;
      const violations = audiences.faults(isObject(body) ? body.targeting : undefined);
      return { valid: violations.length === 0, violations: [...violations] };
    },
  );

  app.post(
    `${TARGETING}::estimate-reach`,
    {
      schema: {
        operationId: 'estimateReach',
        summary: 'Estimate how many people a targeting may reach',
        description:
          'From assumed shares of the people online. What the targeting leaves open admits everybody.',
        tags: TAGS,
        body: TargetingBody,
        response: { 200: shared(ReachResource), ...PROBLEMS },
      },
    },
    async ({ body }) => reachResource(await audiences.reach({ targeting: body.targeting })),
  );

  app.post(
    `${TARGETING}::compare`,
    {
      schema: {
        operationId: 'compareTargeting',
        summary: 'Tell how far two targetings, or those of two campaigns, are for the same people',
        tags: TAGS,
        body: ComparisonBody,
        response: { 200: shared(OverlapResource), ...NO_TARGETING, ...PROBLEMS },
      },
    },
    async ({ body: { first, second } }) => audiences.compare(subjectOf(first), subjectOf(second)),
  );

  app.get(
    `${CAMPAIGN}/targeting/reach`,
    {
      schema: {
        operationId: 'getCampaignReach',
        summary: "Estimate how many people a campaign's targeting may reach",
        tags: TAGS,
        params: CampaignPath,
        response: { 200: shared(ReachResource), ...NO_TARGETING, ...PROBLEMS },
      },
    },
    async ({ params }) => reachResource(await audiences.reach({ campaignId: params.campaign_id })),
  );
}

function subjectOf({ targeting, campaign_id: campaignId }: { targeting?: unknown; campaign_id?: string }) {
  return {
    ...(targeting !== undefined && { targeting }),
    ...(campaignId !== undefined && { campaignId }),
  };
}
