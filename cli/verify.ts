/**
 * `turnpike verify`: holds the warehouse against the log, row by row, and the books of partners against all that and
 * against what was sent.
 */
import type { Config } from '../config.ts';
import { ExitCode, UsageError } from './exit.ts';
import { campaignsByPartition } from './verify/aggregate-rows.ts';
import { verifyBooks } from './verify/books/books.ts';
import { type PartitionResult, verifyPartition } from './verify/partition.ts';
import { VerifyProgress } from './verify/progress.ts';
import { isExact, reportJson, reportText } from './verify/report.ts';
import { openSources, type Sources } from './verify/sources.ts';

export interface VerifyOptions {
  /** The partitions to verify; empty: all. */
  readonly partitions: readonly number[];
  /** The report as one JSON object on the last line. */
  readonly json: boolean;
  /** Whether a payment gateway elsewhere is asked what it has sent. */
  readonly gateway: boolean;
}

export interface VerifyOutput {
  readonly report: NodeJS.WritableStream;
  readonly progress: NodeJS.WritableStream;
}

/**
 * Verifies what the settings name; nothing is changed.
 *
 * @returns `ok` only if nothing at all is wrong
 * @throws ConfigError if there is nothing to verify or a running server has it; UsageError for a partition
 *   that there is none of; TurnpikeError
 */
export async function runVerify(
  config: Config,
  options: VerifyOptions,
  { report, progress }: VerifyOutput,
): Promise<ExitCode> {
  const began = performance.now();
  const sources = await openSources(config, options.gateway);
  try {
    const chosen = chosenPartitions(options.partitions, sources.partitions);
    const campaigns = await campaignsByPartition(sources);
    const partitions: PartitionResult[] = [];
    using shown = new VerifyProgress(chosen.length, progress);
    for (const partition of chosen) {
      shown.begin(partition);
      const known = campaigns[partition] ?? new Set<string>();
      partitions.push(
        await verifyPartition({ sources, partition, campaigns: known, progressed: shown.read }),
      );
    }
    const books = options.partitions.length > 0 ? undefined : await verifyBooks(sources);
    const strange = options.partitions.length > 0 ? new Map<number, number>() : await strangeRows(sources);
    const result = { partitions, books, strange, seconds: (performance.now() - began) / 1_000 };
    report.write(options.json ? `${reportJson(result)}\n` : reportText(result));
    return isExact(result) ? ExitCode.ok : ExitCode.failure;
  } finally {
    await sources.close();
  }
}

function chosenPartitions(chosen: readonly number[], partitions: number): number[] {
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  if (chosen.length === 0) return all;
  const unknown = chosen.find((partition) => partition >= partitions);
  if (unknown !== undefined)
    throw new UsageError(
      `there is no partition ${unknown}: give --partition a number from 0 to ${partitions - 1}`,
    );
  return all.filter((partition) => chosen.includes(partition));
}

/** Rows of partitions that the cluster does not have. */
async function strangeRows({ warehouse, partitions }: Sources): Promise<Map<number, number>> {
  const rows = await warehouse.query<{ readonly partition: number; readonly rows: string }>(
    `SELECT partition, toString(count()) AS rows FROM decided_events
     WHERE partition >= {partitions:UInt16} GROUP BY partition ORDER BY partition`,
    { partitions },
  );
  return new Map(rows.map(({ partition, rows: count }) => [partition, Number(count)]));
}
