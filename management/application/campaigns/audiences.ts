/** Planning whom a campaign is for: what is wrong with a targeting, whom it reaches, how far two overlap. */
import { Type } from 'typebox';
import { type FieldViolation, TurnpikeError } from '../../../model/errors.ts';
import type { Targeting } from '../../../model/targeting.ts';
import { compareTargeting, type TargetingOverlap } from '../../../model/targeting-overlap.ts';
import { estimateReach, type ReachEstimate } from '../../../model/targeting-reach.ts';
import { checker } from '../check.ts';
import { refuse } from '../violations.ts';
import type { Campaigns } from './campaigns.ts';
import { readTargeting } from './targeting.ts';
import { TargetingDraft } from './targeting-draft.ts';
import { missingOf } from './targeting-faults.ts';

/** A targeting, or the campaign whose targeting is meant: one of the two. */
export interface TargetingSubject {
  /** In the spelling of drafts; it is checked here. */
  readonly targeting?: unknown;
  readonly campaignId?: string;
}

/**
 * All methods throw `TurnpikeError`: `invalid_argument` naming each field at fault, `not_found` where there is no such
 * campaign, or where it has no targeting.
 */
export interface Audiences {
  /** What is wrong with a targeting, as one that a campaign is to have; nothing: it could. */
  faults(targeting: unknown): readonly FieldViolation[];
  /** How many people are reached. A targeting that is given need not be complete. */
  reach(subject: TargetingSubject): Promise<ReachEstimate>;
  /** How far two are for the same people; fields at fault begin with `first` or `second`. */
  compare(first: TargetingSubject, second: TargetingSubject): Promise<TargetingOverlap>;
}

const check = checker(Type.Object({ targeting: TargetingDraft }), 'targeting');

export function createAudiences(campaigns: Pick<Campaigns, 'get'>): Audiences {
  const targetingOf = async (subject: TargetingSubject, prefix: string): Promise<Targeting> => {
    const { targeting, campaignId } = subject;
    if ((targeting === undefined) === (campaignId === undefined))
      refuse([{ field: `${prefix}targeting`, description: 'is required, or campaign_id, and not both' }]);
    if (campaignId !== undefined) return ofCampaign(campaignId);
    const read = examined(targeting);
    if ('targeting' in read) return read.targeting;
    return refuse(read.faults.map(({ field, description }) => ({ field: prefix + field, description })));
  };

  const ofCampaign = async (campaignId: string): Promise<Targeting> => {
    const { targeting } = await campaigns.get(campaignId);
    if (targeting !== undefined) return targeting;
    throw new TurnpikeError({ code: 'not_found', message: `campaign ${campaignId} has no targeting` });
  };

  return {
    faults(targeting) {
      const read = examined(targeting);
      return 'targeting' in read ? prefixed(missingOf(read.targeting)) : read.faults;
    },

    reach: async (subject) => estimateReach(await targetingOf(subject, '')),

    async compare(first, second) {
      const [a, b] = [await targetingOf(first, 'first.'), await targetingOf(second, 'second.')];
      return compareTargeting(a, b);
    },
  };
}

/** What a value says if it is a targeting, or else what is wrong with it. */
function examined(
  value: unknown,
): { readonly targeting: Targeting } | { readonly faults: readonly FieldViolation[] } {
  try {
    const { targeting: draft } = check(value === undefined ? {} : { targeting: value });
    const { targeting, faults } = readTargeting(draft);
    return faults.length > 0 ? { faults: prefixed(faults) } : { targeting };
  } catch (error) {
    if (!(error instanceof TurnpikeError) || error.failure.violations === undefined) throw error;
    return { faults: error.failure.violations };
  }
}

function prefixed(faults: readonly FieldViolation[]): FieldViolation[] {
  return faults.map(({ field, description }) => ({ field: `targeting.${field}`, description }));
}
