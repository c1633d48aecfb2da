/** Sends an event to a webhook, once, and tells what came of it. */
import { Agent, request } from 'undici';
import { limits } from '../../limits.ts';
import { SIGNATURE_HEADER, signatureHeader } from '../../model/signature.ts';
import { hostFault, publicLookup } from './addresses.ts';
import { retryAfterOf } from './retries.ts';

export interface Outgoing {
  readonly url: string;
  /** Each signs. */
  readonly secrets: readonly string[];
  readonly eventId: string;
  /** A CloudEvent as JSON. */
  readonly body: string;
}

/** What came of an attempt. */
export type Attempt =
  | { readonly result: 'delivered'; readonly status: number }
  | {
      /** Answered, but not with 2xx. */
      readonly result: 'refused';
      readonly status: number;
      readonly error: string;
      readonly retryAfterMs?: number;
    }
  | {
      /** Not answered: out of reach, not in time, or not to be called. */
      readonly result: 'failed';
      readonly error: string;
    };

export interface Sender {
  /** Never rejects. @param signal gives the attempt up */
  send(outgoing: Outgoing, signal?: AbortSignal): Promise<Attempt>;
  /** Ends with the connections; what is under way fails. */
  close(): Promise<void>;
}

export interface SenderOptions {
  /** Whether addresses that are not public may be called. */
  readonly allowPrivate: boolean;
  /** Of the program, for the receivers' logs. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** `limits.webhookMs` unless given. */
  readonly timeoutMs?: number;
  readonly lookup?: ReturnType<typeof publicLookup>;
}

export function createSender(options: SenderOptions): Sender {
  const { allowPrivate, version, now, timeoutMs = limits.webhookMs, lookup = publicLookup() } = options;
  const agent = new Agent({
    connections: limits.webhookDeliveries,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: limits.headerBytes,
    connect: { timeout: timeoutMs, ...(!allowPrivate && { lookup }) },
  });

  const post = async ({ url, secrets, eventId, body }: Outgoing, signal: AbortSignal): Promise<Attempt> => {
    // A literal address is connected to without a look-up.
    const fault = allowPrivate ? undefined : hostFault(new URL(url).hostname);
    if (fault !== undefined) return { result: 'failed', error: fault };
    const answer = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents+json',
        'user-agent': `turnpike/${version}`,
        'x-turnpike-event-id': eventId,
        [SIGNATURE_HEADER]: signatureHeader(secrets, body, now()),
      },
      body,
      dispatcher: agent,
      signal,
    });
    const { statusCode: status, headers } = answer;
    // The status has told everything: how the rest of the answer ends does not matter.
    await answer.body.dump({ limit: limits.webhookAnswerBytes, signal }).catch(() => undefined);
    if (status >= 200 && status < 300) return { result: 'delivered', status };
    const retryAfterMs = retryAfterOf([headers['retry-after']].flat()[0], now());
    return {
      result: 'refused',
      status,
      error: `answered ${status}`,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  };

  return {
    async send(outgoing, signal) {
      const attempt = new AbortController();
      const giveUp = (): void => attempt.abort();
      let isLate = false;
      const deadline = setTimeout(() => {
        isLate = true;
        giveUp();
      }, timeoutMs);
      signal?.addEventListener('abort', giveUp);
      if (signal?.aborted) giveUp();
      try {
        return await post(outgoing, attempt.signal);
      } catch (error) {
        const text = isLate ? `not answered within ${timeoutMs} ms` : textOf(error);
        return { result: 'failed', error: text.slice(0, limits.webhookErrorLength) };
      } finally {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', giveUp);
      }
    },
    close: () => agent.destroy(),
  };
}

/** What went wrong, for people. Several addresses that cannot be reached make an error without a text of its own. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.message === '' && error instanceof AggregateError ? error.errors[0] : error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.name;
}
