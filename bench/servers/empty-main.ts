/**
 * The bare HTTP server: uWebSockets.js with a route that does nothing but give the answer that the product
 * gives, as it was told it: `node empty-main.js '{"pixel":…,"json":…}'`. Bodies are received, and thrown away.
 */
import uWebSockets from 'uWebSockets.js';
import type { EmptyAnswers, GivenAnswer } from './empty.ts';

const answers = JSON.parse(process.argv[2] as string) as EmptyAnswers;

/** The answer as it is written: prepared once, as a server without anything else to do would have it. */
function writer({ status, headers, body }: GivenAnswer): (response: uWebSockets.HttpResponse) => void {
  const bytes = Buffer.from(body, 'base64');
  return (response) => {
    response.writeStatus(status);
    for (const [name, value] of headers) response.writeHeader(name, value);
    response.end(bytes);
  };
}

const pixel = writer(answers.pixel);
const json = writer(answers.json);

const app = uWebSockets.App();
app.get('/p.gif', (response) => pixel(response));
app.post('/v1/events', (response) => {
  response.onAborted(() => undefined);
  response.onData((_chunk, isLast) => {
    if (isLast) response.cork(() => json(response));
  });
});
app.listen('127.0.0.1', 0, (socket) => {
  if (socket === false) throw new Error('it cannot listen');
  console.log(`listening ${uWebSockets.us_socket_local_port(socket)}`);
});
