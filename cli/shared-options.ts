/** Options that several commands have. */
import { Option } from 'commander';
import { limits } from '../limits.ts';
import * as read from './options.ts';

export function retryOption(): Option {
  return new Option('--retry-for <duration>', 'how long a request that is not answered is sent again')
    .argParser(read.duration)
    .default(60_000, '60s');
}

export function rateOption(): Option {
  return new Option('--rate <events/s>', 'events per second (default: as fast as it goes)').argParser(
    read.eventRate,
  );
}

export function batchOption(): Option {
  return new Option('--batch <n>', 'events in one request')
    .argParser(read.wholeNumber(1, limits.eventsPerRequest))
    .default(500);
}

export function collectorOption(): Option {
  return new Option(
    '--collector <url>',
    'address of the collector (default: as the settings say, http://127.0.0.1:8080)',
  ).argParser(read.httpOrigin);
}

export function concurrencyOption(requests: number): Option {
  return new Option('--concurrency <n>', 'requests under way at once')
    .argParser(read.wholeNumber(1, 256))
    .default(requests);
}
