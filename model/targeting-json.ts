/** Targeting as JSON carries it: to clients, in domain events, in patches. */
import { moneyJson } from './money.ts';
import type { Targeting } from './targeting.ts';

/** The parts that are set, in the spelling of clients. */
export function targetingJson(targeting: Targeting) {
  const { age, lookalikeAudiences, exclusions, frequencyCap, bidStrategy } = targeting;
  return {
    ...(age && { age: { from: age.from, to: age.to } }),
    ...(targeting.genders && { genders: [...targeting.genders] }),
    ...(targeting.locations && { locations: [...targeting.locations] }),
    ...(targeting.languages && { languages: [...targeting.languages] }),
    ...(targeting.interests && { interests: [...targeting.interests] }),
    ...(targeting.behaviors && { behaviors: [...targeting.behaviors] }),
    ...(targeting.customAudiences && { custom_audiences: [...targeting.customAudiences] }),
    ...(lookalikeAudiences && {
      lookalike_audiences: lookalikeAudiences.map(({ audienceId, percent }) => ({
        audience_id: audienceId,
        percent,
      })),
    }),
    ...(targeting.jobTitles && { job_titles: [...targeting.jobTitles] }),
    ...(targeting.industries && { industries: [...targeting.industries] }),
    ...(targeting.companySizes && { company_sizes: [...targeting.companySizes] }),
    ...(targeting.incomeRanges && { income_ranges: [...targeting.incomeRanges] }),
    ...(targeting.deviceTypes && { device_types: [...targeting.deviceTypes] }),
    ...(targeting.platforms && { platforms: [...targeting.platforms] }),
    ...(targeting.connectionTypes && { connection_types: [...targeting.connectionTypes] }),
    ...(exclusions && { exclusions: exclusions.map(({ criterion, value }) => ({ criterion, value })) }),
    ...(frequencyCap && {
      frequency_cap: { impressions: frequencyCap.impressions, period: frequencyCap.period },
    }),
    ...(bidStrategy && {
      bid_strategy: {
        kind: bidStrategy.kind,
        ...(bidStrategy.cap && { cap: moneyJson(bidStrategy.cap.micros, bidStrategy.cap.currency) }),
        ...(bidStrategy.roas !== undefined && { roas: bidStrategy.roas }),
      },
    }),
  };
}
