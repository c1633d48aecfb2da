/** One request on its way through the collector: what it brought, and what of it is not settled yet. */
import type { EventTypeCode } from '../model/event.ts';
import type { Credentials } from './access.ts';
import type { Exchange } from './exchange.ts';
import type { IncomingEvent } from './incoming-event.ts';

/** What a request says of all its events. */
export interface Arrival {
  readonly exchange: Exchange;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly address: string;
  readonly userAgent: string;
  readonly referrer: string;
  readonly credentials: Credentials;
  /** The type of events that name none; `undefined`: they have to. */
  readonly defaultType: EventTypeCode | undefined;
  /** The campaign that the path names. */
  readonly campaignId: string | undefined;
}

export class Submission {
  readonly arrival: Arrival;
  /** In the order sent. */
  readonly events: IncomingEvent[] = [];
  /** Events whose append is not settled. At 0 the request is answered. */
  outstanding = 0;
  /** Whether any of them did not get into the log: then the client has to send all of them again. */
  failed = false;
  /** Answers the request; called once, when everything is settled. */
  readonly answer: (submission: Submission) => void;

  constructor(arrival: Arrival, answer: (submission: Submission) => void) {
    this.arrival = arrival;
    this.answer = answer;
  }
}
