/** Which rate of a plan pays for an event: the first rule that it fits, else the base. */
import {
  baseOf,
  type CommissionPlan,
  type CommissionRule,
  type EarningRate,
  type PropertyCondition,
} from '../../../model/commission-plan.ts';
import type { EventTypeCode } from '../../../model/event.ts';
import { type EventBatch, FIELD } from '../../../model/event-batch.ts';
import { isPriced } from '../../../model/terms.ts';

/** What rules ask of an event. */
export interface EventFacts {
  readonly type: EventTypeCode;
  readonly goal: string;
  /** What a conversion is worth, as a whole. */
  readonly valueMicros: number;
  property(name: string): string | undefined;
}

/** Of one rule: its lists as sets, which are made once. */
interface Sets {
  readonly partnerIds: ReadonlySet<string> | undefined;
  readonly goals: ReadonlySet<string> | undefined;
  readonly contentIds: ReadonlySet<string> | undefined;
  readonly properties: readonly { readonly name: string; readonly values: ReadonlySet<string> }[];
}

const known = new WeakMap<CommissionRule, Sets>();

/** The current row of `batch` as rules see it. Its properties are read when the first rule asks for one. */
export function factsOf(batch: EventBatch): EventFacts {
  let properties: Readonly<Record<string, unknown>> | undefined;
  return {
    type: batch.type,
    goal: batch.string(FIELD.goal) ?? '',
    valueMicros: batch.valueMicros,
    property: (name) => {
      properties ??= JSON.parse(batch.string(FIELD.properties) ?? '{}') as Record<string, unknown>;
      return Object.hasOwn(properties, name) ? String(properties[name]) : undefined;
    },
  };
}

/**
 * The rate by which a partner earns something by an event; `undefined`: it earns nothing.
 *
 * @param contentId that brought it; empty: none is known
 */
export function rateFor(
  plan: CommissionPlan,
  event: EventFacts,
  partnerId: string,
  contentId: string,
): EarningRate | undefined {
  const rule = plan.rules?.find((candidate) => fits(candidate, event, partnerId, contentId));
  const rate = rule ?? baseOf(plan);
  return rate && isPriced(rate, event.type) ? rate : undefined;
}

/** Rules speak of the events that their model pays for, so that a plan may pay for clicks and for sales. */
function fits(rule: CommissionRule, event: EventFacts, partnerId: string, contentId: string): boolean {
  if (!isPriced(rule, event.type)) return false;
  if (rule.minimumMicros !== undefined && event.valueMicros < rule.minimumMicros) return false;
  const { partnerIds, goals, contentIds, properties } = setsOf(rule);
  if (partnerIds && !partnerIds.has(partnerId)) return false;
  if (goals && !goals.has(event.goal)) return false;
  if (contentIds && !contentIds.has(contentId)) return false;
  return properties.every(({ name, values }) => {
    const value = event.property(name);
    return value !== undefined && values.has(value);
  });
}

function setsOf(rule: CommissionRule): Sets {
  const made = known.get(rule);
  if (made) return made;
  const { partnerIds, goals, contentIds, properties = [] } = rule;
  const sets: Sets = {
    partnerIds: partnerIds && new Set(partnerIds),
    goals: goals && new Set(goals),
    contentIds: contentIds && new Set(contentIds),
    properties: properties.map(({ name, values }: PropertyCondition) => ({ name, values: new Set(values) })),
  };
  known.set(rule, sets);
  return sets;
}
