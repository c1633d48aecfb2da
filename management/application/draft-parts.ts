/** Parts that drafts are made of. */
import { type Static, Type } from 'typebox';

/** A word of a fixed set. The case does not matter in requests, so the set is checked after the schema. */
export function word(words: readonly string[], description: string) {
  return Type.String({
    description: `${description} One of ${words.join(', ')}; upper or lower case.`,
    examples: [words[0]],
  });
}

export const MoneyDraft = Type.Object(
  {
    amount: Type.Unsafe<string | number>({
      type: ['string', 'number'],
      description: 'Amount in units of the currency, exact: at most six decimals. A string is safest.',
      examples: ['12.50'],
    }),
    currency: Type.String({ description: 'ISO 4217 code.', examples: ['USD'] }),
  },
  { description: 'An amount of money.' },
);
export type MoneyDraft = Static<typeof MoneyDraft>;
