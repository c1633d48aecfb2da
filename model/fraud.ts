/** Marks of traffic that may not be genuine. Marked events count: what follows from a mark, people decide. */

/** What a campaign takes for a mark. */
export interface FraudRule {
  /** A conversion that is nearer to its click than this is too fast, in milliseconds; 0: none is. */
  readonly minimumToConvertMs: number;
}

/** What holds unless a campaign says otherwise: nobody reads a page and fills in a form in less. */
export const USUAL_FRAUD_RULE: FraudRule = Object.freeze({ minimumToConvertMs: 3_000 });
