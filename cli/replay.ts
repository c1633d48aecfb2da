/** `turnpike replay FILE`: sends the events of an NDJSON or CSV file to a running collector. */
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, JobError, UsageError } from './exit.ts';
import { BatchSender } from './replay/batches.ts';
import { csvRows } from './replay/csv.ts';
import { type ColumnMap, rowMapper } from './replay/mapping.ts';
import { ndjsonRows } from './replay/ndjson.ts';
import { RefusedRows } from './replay/refused-rows.ts';
import type { Row } from './replay/row.ts';
import { Tally } from './replay/tally.ts';
import { UnexpectedAnswer } from './traffic/events-answer.ts';
import { Pace } from './traffic/pace.ts';
import { type ProgressStyle, showProgress } from './traffic/progress.ts';
import { RetryingClient, Unanswered } from './traffic/retrying-client.ts';

export interface ReplayOptions {
  readonly file: string;
  /** `undefined`: by the file's name. */
  readonly format: 'ndjson' | 'csv' | undefined;
  readonly delimiter: string;
  readonly columns: ColumnMap;
  readonly defaults: ReadonlyMap<string, string>;
  /** Name of the source, for the ids of rows without one; `undefined`: the file's name. */
  readonly source: string | undefined;
  /** Events a second; `undefined`: as fast as it goes. */
  readonly rate: number | undefined;
  readonly batch: number;
  readonly concurrency: number;
  /** Origin of the collector. */
  readonly collector: string;
  readonly retryForMs: number;
  /** The line to begin with, from 1. */
  readonly fromLine: number;
  readonly progress: ProgressStyle;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * Replays a file and prints what became of its rows.
 *
 * @param stop aborted when the user asks to stop
 * @throws UsageError, JobError
 */
export async function runReplay(
  options: ReplayOptions,
  output: NodeJS.WritableStream,
  stop: AbortSignal,
): Promise<ExitCode> {
  const size = sizeOf(options.file);
  const client = new RetryingClient({
    origin: options.collector,
    connections: options.concurrency,
    retryForMs: options.retryForMs,
    signal: stop,
  });
  const tally = new Tally();
  const refused = new RefusedRows(options.file, options.fromLine > 1);
  const input = createReadStream(options.file, { highWaterMark: CHUNK_BYTES });
  const endProgress = showProgress(options.progress, () => ({
    phase: 'replaying',
    done: size === 0 ? 1 : Math.min(1, input.bytesRead / size),
    events: tally.rows,
    retries: client.retries,
    trouble: client.trouble,
  }));
  const sender = new BatchSender({
    client,
    tally,
    refused,
    pace: new Pace(options.rate),
    batchSize: options.batch,
    concurrency: options.concurrency,
    pause: (milliseconds) => sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined),
  });
  try {
    const failure = await sendRows(rowsOf(options, input), options, { sender, tally, refused, stop });
    endProgress();
    output.write(summary(tally, refused));
    if (failure === undefined) return tally.rejected === 0 ? ExitCode.ok : ExitCode.failure;
    output.write(`stopped; go on with --from-line ${failure.nextLine}\n`);
    if (failure.cause === undefined) return ExitCode.interrupted;
    throw failure.cause;
  } finally {
    endProgress();
    input.destroy();
    refused.close();
    await client.close();
  }
}

/** The replay ended early: because of an error, or because the user asked for it. */
interface Interruption {
  readonly nextLine: number;
  readonly cause: JobError | undefined;
}

interface Sending {
  readonly sender: BatchSender;
  readonly tally: Tally;
  readonly refused: RefusedRows;
  readonly stop: AbortSignal;
}

async function sendRows(
  groups: AsyncIterable<readonly Row[]>,
  options: ReplayOptions,
  { sender, tally, refused, stop }: Sending,
): Promise<Interruption | undefined> {
  const map = rowMapper({
    columns: options.columns,
    defaults: options.defaults,
    source: options.source ?? basename(options.file),
  });
  let nextLine = options.fromLine;
  try {
    for await (const rows of groups) {
      for (const row of rows) {
        if (row.line < options.fromLine) continue;
        if (stop.aborted) break;
        const mapped = map(row);
        if ('json' in mapped) {
          await sender.add(row, mapped.json);
        } else {
          tally.reject(row.line, mapped.problem);
          refused.add(row, mapped.problem);
        }
        nextLine = row.line + 1;
      }
      if (stop.aborted) break;
    }
    if (!stop.aborted) {
      await sender.flush();
      return undefined;
    }
  } catch (error) {
    const cause = interruption(error);
    await sender.settle();
    return { nextLine: sender.firstUnanswered() ?? nextLine, cause };
  }
  await sender.settle();
  return { nextLine: sender.firstUnanswered() ?? nextLine, cause: undefined };
}

/** What ended the replay, as an error to show; `undefined` if the user did. @throws what is a bug */
function interruption(error: unknown): JobError | undefined {
  if (error instanceof Unanswered) return error.stopped ? undefined : error;
  if (error instanceof UnexpectedAnswer) return new JobError(error.message, { cause: error });
  if (error instanceof JobError) return error;
  throw error;
}

function sizeOf(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new UsageError(`there is no file ${file}`);
  if (!stat.isFile()) throw new UsageError(`${file} is not a file`);
  return stat.size;
}

function rowsOf(
  { file, format, delimiter, columns }: ReplayOptions,
  input: ReturnType<typeof createReadStream>,
): AsyncIterable<readonly Row[]> {
  const kind = format ?? (/\.(csv|tsv)$/i.test(file) ? 'csv' : 'ndjson');
  return kind === 'csv'
    ? csvRows(input, delimiter, [...columns.values()])
    : ndjsonRows(input as AsyncIterable<Buffer>);
}

function summary(tally: Tally, refused: RefusedRows): string {
  const counts = [
    `accepted   ${tally.accepted}`,
    `duplicates ${tally.duplicates}`,
    ...(tally.pending > 0 ? [`pending    ${tally.pending}`] : []),
    `rejected   ${tally.rejected}`,
    ...tally.reasons().map((reason) => `  ${reason}`),
    ...(refused.count > 0 ? [`the rejected rows are in ${refused.path}`] : []),
  ];
  return `${counts.join('\n')}\n`;
}
