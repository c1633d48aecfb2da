/** What clients say of a campaign's money, in the spelling of REST, and what of it the actor is told. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { ALLOCATION_FIELDS, type Allocation } from '../../../model/budget.ts';
import type { Money } from '../../../model/money.ts';
import { checker } from '../check.ts';
import { MoneyDraft, word } from '../draft-parts.ts';
import { moneyOf } from '../money.ts';
import { plainText } from '../text.ts';
import { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';

const text = (maxLength: number, description: string, example: string) =>
  Type.String({ minLength: 1, maxLength, description, examples: [example] });
const allocationName = (description: string) => text(limits.allocationNameLength, description, 'newsletter');

const AllocationDraft = Type.Object({
  name: allocationName('Name, unique within the campaign; one that is kept keeps what it has spent.'),
  amount: MoneyDraft,
  match: Type.Optional(
    Type.Object(
      {
        field: word(ALLOCATION_FIELDS, 'Field of the event.'),
        value: text(limits.parameterLength, 'The value that it must have, exactly.', 'mail'),
      },
      { description: 'Which paid events it pays for; without it, only reported spend.' },
    ),
  ),
});

export const AllocationsDraft = Type.Object(
  {
    allocations: Type.Array(AllocationDraft, {
      maxItems: limits.allocations,
      description: 'All allocations that there are to be; the first that matches an event pays for it.',
    }),
  },
  { description: 'What the money is kept for.' },
);
export type AllocationsDraft = Static<typeof AllocationsDraft>;

export const ReallocationDraft = Type.Object(
  {
    amount: MoneyDraft,
    from: Type.Optional(allocationName('The allocation that gives; what is not allocated if absent.')),
    to: Type.Optional(allocationName('The allocation that gets it; none if absent.')),
  },
  { description: 'Money to move.' },
);
export type ReallocationDraft = Static<typeof ReallocationDraft>;

export const ExtraDraft = Type.Object(
  {
    amount: MoneyDraft,
    reason: text(limits.reasonLength, 'Why; kept with the change.', 'Sales are above plan.'),
  },
  { description: 'What the total is to be raised by.' },
);
export type ExtraDraft = Static<typeof ExtraDraft>;

export const SpendDraft = Type.Object(
  {
    amount: MoneyDraft,
    allocation: Type.Optional(allocationName('The allocation that pays; what is not allocated if absent.')),
    description: Type.Optional(
      text(limits.spendDescriptionLength, 'What it was spent on.', 'Posters in May'),
    ),
    reference: Type.Optional(
      text(limits.idLength, 'Your own number of it: recorded once per campaign, for ever.', 'invoice-7'),
    ),
  },
  { description: 'Spend that no event stands for.' },
);
export type SpendDraft = Static<typeof SpendDraft>;

/** Days that a forecast may be of. */
export const ForecastDays = Type.Integer({
  minimum: 1,
  maximum: limits.forecastDays,
  description: `Days to look ahead, at most ${limits.forecastDays}; 30 unless said.`,
  examples: [14],
});
const DEFAULT_FORECAST_DAYS = 30;

const checkAllocations = checker(AllocationsDraft, 'allocations');
const checkReallocation = checker(ReallocationDraft, 'reallocation');
const checkExtra = checker(ExtraDraft, 'extra');
const checkSpend = checker(SpendDraft, 'spend');
const checkDays = checker(Type.Object({ days: Type.Optional(ForecastDays) }), 'forecast');

/** The payload of `allocate`. @throws TurnpikeError `invalid_argument` with everything that is wrong */
export function allocationsOf(draft: unknown) {
  const violations = new Violations();
  const { allocations } = checkAllocations(draft);
  const names = new Set<string>();
  const matches = new Set<string>();
  const currencies = new Set<string>();
  const read = allocations.map(({ name, amount, match }, i): Allocation => {
    const field = `allocations[${i}]`;
    const money = moneyOf(amount, `${field}.amount`, violations);
    if (money) currencies.add(money.currency);
    plainText(name, `${field}.name`, violations);
    if (names.has(name)) violations.add(`${field}.name`, `must not be ${name} again`);
    names.add(name);
    if (match === undefined) return { name, amountMicros: money?.micros ?? 0 };
    const matched = wordOf(ALLOCATION_FIELDS, match.field, `${field}.match.field`, violations);
    const key = `${matched} ${match.value}`;
    if (matches.has(key))
      violations.add(`${field}.match`, 'must not be that of another: the first that matches pays');
    matches.add(key);
    return {
      name,
      amountMicros: money?.micros ?? 0,
      ...(matched && { match: { field: matched, value: match.value } }),
    };
  });
  if (currencies.size > 1) violations.add('allocations', 'must all be in the currency of the budget');
  violations.refuse();
  const [currency] = currencies;
  return { ...(currency !== undefined && { currency }), allocations: read };
}

/** The payload of `reallocate`. @throws TurnpikeError `invalid_argument` */
export function reallocationOf(draft: unknown) {
  const { amount, from, to } = checkReallocation(draft);
  const violations = new Violations();
  if (from === to) violations.add('to', 'must be another than from');
  return {
    amount: moneyIn(amount, violations),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** The payload of `authorize_extra`. @throws TurnpikeError `invalid_argument` */
export function extraOf(draft: unknown) {
  const { amount, reason } = checkExtra(draft);
  const violations = new Violations();
  plainText(reason, 'reason', violations);
  return { amount: moneyIn(amount, violations), reason };
}

/** The payload of `record_spend`. @throws TurnpikeError `invalid_argument` */
export function spendOf(draft: unknown) {
  const { amount, allocation, description, reference } = checkSpend(draft);
  const violations = new Violations();
  if (description !== undefined) plainText(description, 'description', violations);
  if (reference !== undefined) plainText(reference, 'reference', violations);
  return {
    amount: moneyIn(amount, violations),
    ...(allocation !== undefined && { allocation }),
    ...(description !== undefined && { description }),
    ...(reference !== undefined && { reference }),
  };
}

/** The days of a forecast. @throws TurnpikeError `invalid_argument` */
export function forecastDaysOf(days: number | undefined): number {
  return checkDays(days === undefined ? {} : { days }).days ?? DEFAULT_FORECAST_DAYS;
}

/** The money of a draft that has nothing else to be read. */
function moneyIn(draft: MoneyDraft, violations: Violations): Money {
  const money = moneyOf(draft, 'amount', violations);
  violations.refuse();
  return money as Money;
}
