/** The reference for single events: see `empty-main.ts`. */
import { request } from 'undici';
import { Program } from './program.ts';
import type { Turnpike } from './turnpike.ts';

export interface GivenAnswer {
  /** `202 Accepted` */
  readonly status: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** In base 64. */
  readonly body: string;
}

export interface EmptyAnswers {
  readonly pixel: GivenAnswer;
  readonly json: GivenAnswer;
}

/** Headers that the HTTP library writes itself. */
const LIBRARYS = new Set(['date', 'uwebsockets', 'content-length', 'connection', 'keep-alive']);

/** Starts the bare server with the answers that a running system gives; two events are counted there for it. */
export async function startEmpty(system: Turnpike): Promise<Program> {
  const [campaign] = system.campaignIds;
  const origin = system.server.addresses.ingest;
  const name = 'x'.repeat(17);
  const query = `t=impression&c=${campaign}&event_id=${name}-pixel`;
  const event = { event_id: `${name}-json`, type: 'impression', campaign_id: campaign };
  const answers: EmptyAnswers = {
    pixel: await given(`${origin}/p.gif?${query}`, '200 OK'),
    json: await given(`${origin}/v1/events`, '202 Accepted', JSON.stringify(event)),
  };
  return Program.start(new URL('./empty-main.js', import.meta.url), [JSON.stringify(answers)]);
}

async function given(url: string, status: string, body?: string): Promise<GivenAnswer> {
  const answer = await request(
    url,
    body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/json' } },
  );
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  if (!status.startsWith(String(answer.statusCode)))
    throw new Error(`${url} was answered by ${answer.statusCode}: ${bytes.toString()}`);
  const headers = Object.entries(answer.headers).flatMap(([header, value]) =>
    LIBRARYS.has(header) || value === undefined ? [] : [[header, String(value)] as const],
  );
  return { status, headers, body: bytes.toString('base64') };
}
