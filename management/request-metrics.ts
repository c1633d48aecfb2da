/** How long management takes to answer, by protocol. */
import { Histogram, type Registry } from 'prom-client';

const NAME = 'turnpike_management_request_seconds';

/**
 * @param protocol `http` or `grpc`
 * @param method the route's pattern or the method's name: never anything a client makes up
 * @param code the status of the answer
 * @param seconds from the request's arrival to its answer
 */
export type ObserveRequest = (
  protocol: 'http' | 'grpc',
  method: string,
  code: string,
  seconds: number,
) => void;

/** Both servers of a process share the histogram. */
export function requestMetrics(registry: Registry): ObserveRequest {
  const known = registry.getSingleMetric(NAME);
  const histogram =
    known instanceof Histogram
      ? known
      : new Histogram({
          name: NAME,
          help: 'Time until a management request was answered',
          labelNames: ['protocol', 'method', 'code'],
          buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
          registers: [registry],
        });
  // Looked up by one text: the library would make an object of the labels for every request.
  const series = new Map<string, { observe(seconds: number): void }>();
  return (protocol, method, code, seconds) => {
    const key = `${protocol} ${method} ${code}`;
    const known = series.get(key);
    if (known) return known.observe(seconds);
    const made = histogram.labels(protocol, method, code);
    series.set(key, made);
    made.observe(seconds);
  };
}
