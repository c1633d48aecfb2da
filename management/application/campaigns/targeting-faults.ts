/** What is wrong with a targeting as a whole. Fields as in drafts: `exclusions[0]`. */
import type { FieldViolation } from '../../../model/errors.ts';
import {
  CRITERION_NAMES,
  DEVICES_OF,
  EXCLUSIVE,
  type Exclusion,
  FIXED_VALUES,
  isWithin,
  type Targeting,
  valuesOf,
} from '../../../model/targeting.ts';

/** What contradicts itself: nobody would be reached by it, or a part of it says nothing. Pure. */
export function contradictionsOf(targeting: Targeting): FieldViolation[] {
  const { age, exclusions = [] } = targeting;
  const found: FieldViolation[] = [];
  const add = (field: string, description: string): void => void found.push({ field, description });
  if (age && age.from > age.to) add('age.to', `must be at least age.from, ${age.from}`);
  for (const [i, exclusion] of exclusions.entries()) {
    const fault = exclusionFault(targeting, exclusion, exclusions.slice(0, i));
    if (fault) add(`exclusions[${i}].value`, fault);
  }
  for (const criterion of CRITERION_NAMES) {
    const excluded = exclusions.filter((exclusion) => exclusion.criterion === criterion);
    const values = FIXED_VALUES[criterion];
    if (values?.every((value) => excluded.some((exclusion) => exclusion.value === value)))
      add('exclusions', `must leave a ${criterion}: each of ${values.join(', ')} is excluded`);
  }
  const { deviceTypes, platforms } = targeting;
  if (deviceTypes && platforms) {
    for (const [i, platform] of platforms.entries()) {
      const devices = DEVICES_OF[platform];
      if (!devices.some((device) => deviceTypes.includes(device)))
        add(`platforms[${i}]`, `${platform} needs one of ${devices.join(', ')} among device_types`);
    }
  }
  return found;
}

/** What a campaign's targeting must say and does not. Pure. Source: the document of campaign management. */
export function missingOf({ locations, interests, behaviors }: Targeting): FieldViolation[] {
  return [
    ...(locations ? [] : [{ field: 'locations', description: 'must name one location or more' }]),
    ...(interests || behaviors
      ? []
      : [{ field: 'interests', description: 'must name one interest, or behaviors one behavior, or more' }]),
  ];
}

function exclusionFault(
  targeting: Targeting,
  { criterion, value }: Exclusion,
  before: readonly Exclusion[],
): string | undefined {
  if (before.some((other) => other.criterion === criterion && other.value === value))
    return 'must not be excluded again';
  const targeted = valuesOf(targeting, criterion);
  if (targeted.length === 0) return undefined;
  if (criterion === 'location') return placeFault(targeted, value);
  if (targeted.includes(value)) return `must not be targeted and excluded: ${value} is both`;
  if (EXCLUSIVE.includes(criterion)) return `excludes nobody: only ${targeted.join(', ')} are targeted`;
  return undefined;
}

function placeFault(targeted: readonly string[], excluded: string): string | undefined {
  const inner = targeted.find((place) => isWithin(place, excluded));
  if (inner !== undefined) return `must not be targeted and excluded: ${inner} is both`;
  if (!targeted.some((place) => isWithin(excluded, place)))
    return `excludes nobody: only ${targeted.join(', ')} are targeted`;
  return undefined;
}
