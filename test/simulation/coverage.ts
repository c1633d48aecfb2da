/** What a story came to, in numbers: so that one can see that the simulation tells of what it is meant to prove. */
import type { MoneyEvidence } from './oracle/money.ts';
import { readMessages } from './oracle/record-reader.ts';

/** How often each thing has happened, by its name. */
export type Coverage = Readonly<Record<string, number>>;

export function coverageOf(evidence: MoneyEvidence): Coverage {
  const { ledger, gateway, entries, domainEvents, payouts } = evidence;
  const views = [...payouts.values()];
  const transfers = [...gateway.transfers.values()];
  const told = (type: string): number => domainEvents.filter((row) => row.type === type).length;
  const count = <T>(items: readonly T[], is: (item: T) => boolean): number => items.filter(is).length;
  return {
    events: ledger.events.size,
    'commissions assigned': told('commission.assigned'),
    'commissions released after a hold': count(
      entries,
      ({ cause, leg, source_sequence: source }) => cause === 'approved' && leg === 1 && source === 0n,
    ),
    'commissions reversed': told('commission.reversed'),
    refunds: told('conversion.refunded'),
    'message records': messageRecords(evidence),
    'message records stored again': messageRecords(evidence) - distinctMessageRecords(evidence),
    payouts: views.length,
    'payouts by schedule': count(views, ({ reference }) => reference.startsWith('schedule-')),
    'payouts succeeded': count(views, ({ status }) => status === 'SUCCEEDED'),
    'payouts refused': count(views, ({ attempts }) => attempts === 0),
    'payouts declined': count(transfers, ({ status }) => status === 'failed'),
    'payouts asked again': count(views, ({ attempts }) => attempts > 1),
    'payouts come back': count(views, ({ failure }) => failure?.code === 'reversed'),
    'advances paid': count(views, ({ isAdvance, status }) => isAdvance && status === 'SUCCEEDED'),
    'answers of the gateway lost': gateway.unknown,
    notices: gateway.told,
  };
}

function messageRecords({ log }: MoneyEvidence): number {
  let count = 0;
  for (const { records } of log.partitions) for (const { data } of records) if (readMessages(data)) count++;
  return count;
}

function distinctMessageRecords({ log }: MoneyEvidence): number {
  let count = 0;
  for (const { records } of log.partitions) {
    const batches = records.map(({ data }) => readMessages(data)).filter((batch) => batch !== undefined);
    count += new Set(batches.map(({ from, upTo, first }) => `${from}:${upTo}/${first}`)).size;
  }
  return count;
}

/** Sums of numbers by their names. */
export function sumCoverage(one: Coverage, other: Coverage): Coverage {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
