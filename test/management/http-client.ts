/** Plain requests to the REST gateway of a test. */
import { type Dispatcher, request } from 'undici';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is what the tests are about
  readonly body: any;
}

/**
 * Sends `body` as JSON, or as it is where it is text.
 *
 * @param target method and path: `GET /v1/campaigns`
 */
export async function send(
  base: string,
  target: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const [method, path] = target.split(' ') as [Dispatcher.HttpMethod, string];
  const text =
    body === undefined || typeof body === 'string' ? (body as string | undefined) : JSON.stringify(body);
  const answer = await request(`${base}${path}`, {
    method,
    headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: text ?? null,
  });
  const received = await answer.body.text();
  const isJson = String(answer.headers['content-type']).includes('json');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: isJson && received !== '' ? JSON.parse(received) : received,
  };
}
