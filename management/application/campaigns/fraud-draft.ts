/** What a campaign takes for a mark of fraud, as clients give it. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { type FraudRule, USUAL_FRAUD_RULE } from '../../../model/fraud.ts';

const SECOND = 1_000;

export const FraudDraft = Type.Object(
  {
    minimum_seconds_to_convert: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: limits.minimumToConvertMs / SECOND,
        default: USUAL_FRAUD_RULE.minimumToConvertMs / SECOND,
        description: 'A conversion that is nearer to its click than this is flagged too_fast; 0: none is.',
      }),
    ),
  },
  { description: 'What is taken for a mark of fraud. Flagged events count.' },
);
export type FraudDraft = Static<typeof FraudDraft>;

/** The rule; none where a draft says nothing that is not usual anyhow. */
export function fraudRuleOf({ minimum_seconds_to_convert: seconds }: FraudDraft): FraudRule | undefined {
  return seconds === undefined ? undefined : { minimumToConvertMs: seconds * SECOND };
}

/** The draft that a rule could have been made of. */
export function fraudDraft({ minimumToConvertMs }: FraudRule) {
  return { minimum_seconds_to_convert: minimumToConvertMs / SECOND };
}
