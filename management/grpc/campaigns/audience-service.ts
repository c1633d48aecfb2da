/** The methods of `turnpike.v1.AudienceService`: thin over the application. */

import type { ReachEstimate } from '../../../model/targeting-reach.ts';
import type {
  AudienceServiceServer,
  ReachEstimate as ProtoReach,
  TargetingSubject as ProtoSubject,
} from '../../../proto/generated/turnpike/v1/audience_service.ts';
import type { Audiences, TargetingSubject } from '../../application/campaigns/audiences.ts';
import { inMessages } from '../money.ts';
import { named } from '../request.ts';
import { spelled } from '../spelled.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { targetingFields } from './targeting.ts';

export function audienceService(
  audiences: Audiences,
  dependencies: UnaryDependencies,
): AudienceServiceServer {
  return {
    validateTargeting: unary(dependencies, 'ValidateTargeting', async ({ targeting }) => {
      const violations = audiences.faults(targeting && targetingFields(targeting)).map(inMessages);
      return { valid: violations.length === 0, violations };
    }),
    estimateReach: unary(dependencies, 'EstimateReach', async ({ subject }) =>
      spelled(async () => protoReach(await audiences.reach(subjectOf(subject, 'campaign_id')))),
    ),
    compareTargeting: unary(dependencies, 'CompareTargeting', async ({ first, second }) =>
      spelled(async () => {
        const { overlap, parts } = await audiences.compare(
          subjectOf(first?.subject, 'first.campaign_id'),
          subjectOf(second?.subject, 'second.campaign_id'),
        );
        return { overlap, ...parts };
      }),
    ),
  };
}

function subjectOf(subject: ProtoSubject['subject'], field: string): TargetingSubject {
  if (subject === undefined) return {};
  if (subject.$case === 'campaignId') return { campaignId: named(subject.value, field) };
  return { targeting: targetingFields(subject.value) };
}

function protoReach(reach: ReachEstimate): ProtoReach {
  return {
    basePopulation: BigInt(reach.basePopulation),
    estimated: BigInt(reach.estimated),
    minimum: BigInt(reach.minimum),
    maximum: BigInt(reach.maximum),
    breakdown: reach.breakdown.map(({ factor, share, remaining }) => ({
      factor,
      share,
      remaining: BigInt(remaining),
    })),
  };
}
