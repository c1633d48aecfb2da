/** Reading what the collector answers to `POST /v1/events`. */
import type { HttpAnswer } from './http-client.ts';

export interface EventResult {
  readonly status: 'accepted' | 'duplicate' | 'rejected' | 'pending';
  readonly reason?: string | number;
  readonly click_id?: string;
}

/** The server answered, but not what it must. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

const EXCERPT = 200;

/** An answer in a few words, for messages. */
export function describeAnswer({ status, body }: HttpAnswer): string {
  const text = body.slice(0, EXCERPT).replaceAll(/\s+/g, ' ').trim();
  return text === '' ? `status ${status}` : `status ${status}: ${text}`;
}

/**
 * The results of a request of `expected` events, in the order sent.
 *
 * @throws UnexpectedAnswer
 */
export function eventResults(answer: HttpAnswer, expected: number): readonly EventResult[] {
  if (answer.status !== 202) throw new UnexpectedAnswer(describeAnswer(answer));
  const { results } = parseObject(answer) as { readonly results?: readonly EventResult[] };
  if (!Array.isArray(results) || results.length !== expected) {
    throw new UnexpectedAnswer(
      `${Array.isArray(results) ? results.length : 'no'} results for ${expected} events`,
    );
  }
  return results;
}

/**
 * The JSON object of an answer.
 *
 * @throws UnexpectedAnswer if it is none
 */
export function parseObject(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(answer.body);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new UnexpectedAnswer(`not JSON, ${describeAnswer(answer)}`, { cause });
  }
  throw new UnexpectedAnswer(`not a JSON object, ${describeAnswer(answer)}`);
}
