/** What JetStream says of a message that it delivers: it stands in the subject for acknowledgements. */

export interface DeliveryFacts {
  readonly sequence: number;
  /** Counts what the consumer was sent, from 1. */
  readonly delivery: number;
  /** When the message was stored, milliseconds since the epoch. */
  readonly time: number;
}

/** Tokens before the delivery count: `$JS.ACK.<stream>.<consumer>.` or with domain and account before these. */
const SHORT = 4;
const LONG = 6;
const SHORT_TOKENS = 9;
const NANOS_DIGITS = 6;

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<delivery>.<nanoseconds>.<pending>`, or its
 * longer form.
 */
export function deliveryOf(reply: string): DeliveryFacts {
  const tokens = reply.split('.');
  const at = tokens.length === SHORT_TOKENS ? SHORT : LONG;
  const facts = {
    sequence: Number(tokens[at + 1]),
    delivery: Number(tokens[at + 2]),
    // Cut, not divided: nanoseconds exceed what a number holds exactly.
    time: Number(tokens[at + 3]?.slice(0, -NANOS_DIGITS)),
  };
  if (tokens[1] !== 'ACK' || !Number.isSafeInteger(facts.sequence + facts.delivery + facts.time))
    throw new Error(`JetStream delivered with the reply subject ${reply}`);
  return facts;
}
