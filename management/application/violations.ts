import { type FieldViolation, TurnpikeError } from '../../model/errors.ts';

/** Faults told at most: they must fit the trailers of a gRPC answer. */
const MOST_FAULTS = 20;

/** Collects what is wrong with a request, so that its sender learns everything at once. */
export class Violations {
  readonly #found: FieldViolation[] = [];

  /**
   * @param field in the sender's spelling: `budget.total.amount`
   * @param description what to do about it: `must be more than zero`
   */
  add(field: string, description: string): undefined {
    if (this.#found.length < MOST_FAULTS) this.#found.push({ field, description });
    return undefined;
  }

  /** What was found so far. */
  get found(): readonly FieldViolation[] {
    return this.#found;
  }

  /** @throws TurnpikeError `invalid_argument` if anything was found */
  refuse(): void {
    if (this.#found.length > 0) refuse(this.#found);
  }
}

/** @throws TurnpikeError `invalid_argument`, always */
export function refuse(violations: readonly FieldViolation[]): never {
  throw invalid(violations);
}

/** The failure of a request with these faults; its text names the first of them. */
export function invalid(violations: readonly FieldViolation[]): TurnpikeError {
  const [first, ...others] = violations;
  const text = first ? `${first.field} ${first.description}` : 'the request is not valid';
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return new TurnpikeError({ code: 'invalid_argument', message: `${text}${more}`, violations });
}
