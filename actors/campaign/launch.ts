/** What a campaign needs before it can run, and what of it is still missing. */
import { type CampaignDefinition, type LaunchNeed, launchNeedsOf } from '../../model/campaign.ts';
import type { FieldViolation } from '../../model/errors.ts';

interface Need {
  /** What is missing, as clients know it, and what to do. */
  readonly missing: FieldViolation;
  isMet(definition: CampaignDefinition, time: number): boolean;
}

/** In the order in which they are told. */
const NEEDS: Readonly<Record<LaunchNeed | 'budget', Need>> = {
  landing_page_url: {
    missing: { field: 'landing_page_url', description: 'say where clicks lead' },
    isMet: ({ landingPageUrl }) => landingPageUrl !== undefined,
  },
  budget: {
    missing: { field: 'budget.total', description: 'say how much the campaign may spend' },
    isMet: ({ budgetTotal }) => budgetTotal !== undefined,
  },
  cost: {
    missing: { field: 'cost', description: 'say what is paid for, and its rate' },
    isMet: ({ cost }) => cost !== undefined,
  },
  dates: {
    missing: { field: 'ends_at', description: 'has passed: choose a later end' },
    isMet: ({ endsAt }, time) => endsAt === undefined || endsAt > time,
  },
  targeting: {
    missing: { field: 'targeting', description: 'say whom the campaign is for' },
    isMet: ({ targeting }) => targeting !== undefined,
  },
  targets: {
    missing: { field: 'targets', description: 'say what the campaign is to reach' },
    isMet: ({ targets }) => targets !== undefined,
  },
};

/**
 * What a campaign still lacks before it can run.
 *
 * @param time record time, milliseconds since the epoch
 */
export function missingForLaunch(
  definition: CampaignDefinition,
  to: 'ACTIVE' | 'SCHEDULED',
  time: number,
): FieldViolation[] {
  // Nobody's money is spent without a bound, whatever else a campaign may do without.
  const needs: readonly string[] = ['budget', ...launchNeedsOf(definition)];
  const missing = Object.entries(NEEDS)
    .filter(([need, { isMet }]) => needs.includes(need) && !isMet(definition, time))
    .map(([, need]) => need.missing);
  if (to === 'SCHEDULED' && definition.startsAt === undefined)
    missing.push({ field: 'starts_at', description: 'say when the campaign begins' });
  return missing;
}
