/** The end of a verification: a table by partition, what differs, the verdict; or the same as one JSON object. */
import { table } from '../table.ts';
import type { BooksDifference, BooksFindings } from './books/findings.ts';
import type { Difference } from './findings.ts';
import type { PartitionResult } from './partition.ts';

export interface Verification {
  readonly partitions: readonly PartitionResult[];
  /** `undefined`: not looked at, for only some partitions were. */
  readonly books: BooksFindings | undefined;
  /** Rows of partitions that the cluster does not have, by partition. */
  readonly strange: ReadonlyMap<number, number>;
  readonly seconds: number;
}

/** Differences that are printed. */
const SHOWN_DIFFERENCES = 20;

const HEADINGS = [
  'partition',
  'records',
  'events',
  'rows',
  'credits',
  'entries',
  'aggregates',
  'missing',
  'extra',
  'different',
  'waiting',
  'level',
];

/** Whether nothing at all is wrong. */
export function isExact({ partitions, books, strange }: Verification): boolean {
  return (
    strange.size === 0 && (books?.isClean ?? true) && partitions.every(({ findings }) => findings.isClean)
  );
}

/** The report for people. */
export function reportText(result: Verification): string {
  const { partitions } = result;
  const lines = [table([HEADINGS, ...partitions.map(cells), totals(partitions)], ['level']), ''];
  for (const [partition, rows] of result.strange)
    lines.push(`${count(rows)} rows are of partition ${partition}, which there is none of`);
  const differences = shownDifferences(partitions);
  if (differences.length > 0)
    lines.push('the first differences:', ...differences.map((one) => `  ${lineOf(one)}`));
  if (result.books) lines.push(...booksLines(result.books));
  for (const note of notesOf(partitions)) lines.push(note);
  const verdict = isExact(result)
    ? 'the warehouse is what the log says'
    : 'the warehouse is not what the log says';
  if (lines.at(-1) !== '') lines.push('');
  return [...lines, `${verdict} (${result.seconds.toFixed(1)} s)`, ''].join('\n');
}

/** The report for programs, as one line. */
export function reportJson(result: Verification): string {
  const { partitions, books, strange, seconds } = result;
  return JSON.stringify({
    exact: isExact(result),
    seconds: Number(seconds.toFixed(3)),
    partitions: partitions.map(({ findings, ...facts }) => ({
      partition: facts.partition,
      level: facts.level,
      first_sequence: facts.firstSequence,
      settled_sequence: facts.settledSequence,
      last_sequence: facts.lastSequence,
      records: facts.records,
      events: facts.events,
      waiting: facts.waiting,
      rows: findings.rowsCompared,
      credits: findings.creditsCompared,
      entries: findings.entriesCompared,
      aggregates: findings.aggregatesCompared,
      ...findings.counts,
    })),
    ...(books && { books: { compared: books.compared, wrong: books.wrong, differences: books.differences } }),
    unknown_partitions: Object.fromEntries(strange),
    differences: shownDifferences(partitions),
  });
}

function cells({ partition, records, events, findings, level, ...facts }: PartitionResult): string[] {
  const { missing, extra, different } = findings.counts;
  const numbers = [
    records,
    events,
    findings.rowsCompared,
    findings.creditsCompared,
    findings.entriesCompared,
    findings.aggregatesCompared,
    missing,
    extra,
    different,
  ];
  return [String(partition), ...numbers.map(count), count(facts.waiting), level];
}

function totals(partitions: readonly PartitionResult[]): string[] {
  const sum = (of: (result: PartitionResult) => number): string =>
    count(partitions.reduce((total, result) => total + of(result), 0));
  return [
    'all',
    sum(({ records }) => records),
    sum(({ events }) => events),
    sum(({ findings }) => findings.rowsCompared),
    sum(({ findings }) => findings.creditsCompared),
    sum(({ findings }) => findings.entriesCompared),
    sum(({ findings }) => findings.aggregatesCompared),
    sum(({ findings }) => findings.counts.missing),
    sum(({ findings }) => findings.counts.extra),
    sum(({ findings }) => findings.counts.different),
    sum(({ waiting }) => waiting),
  ];
}

/** What was found in the books of the partners; nothing, where there are none. */
function booksLines({ compared, wrong, differences }: BooksFindings): string[] {
  const sums = Object.entries(compared).filter(([, number]) => number > 0);
  if (sums.length === 0) return [];
  const what = sums.map(([check, number]) => `${count(number)} ${check}`).join(', ');
  return [
    `books of partners: ${what} compared, ${wrong === 0 ? 'all right' : `${count(wrong)} wrong`}`,
    ...differences.map((difference) => `  ${booksLineOf(difference)}`),
  ];
}

function booksLineOf({ check, found, expected, ...of }: BooksDifference): string {
  const names = Object.entries(of).map(([name, value]) => `${name} ${shown(value)}`);
  return `${check} of ${names.join(', ')}: ${found} micros, not ${expected}`;
}

/** What the words of the table mean, where they need it. */
function notesOf(partitions: readonly PartitionResult[]): string[] {
  const has = (level: PartitionResult['level']): boolean =>
    partitions.some((result) => result.level === level);
  return [
    ...(partitions.some(({ waiting }) => waiting > 0)
      ? ['waiting: events that need not be in the warehouse yet; their rows are checked if they are there']
      : []),
    ...(has('contents')
      ? [
          'contents: the head of the log was trimmed, so rows are held against its events, and aggregates against rows',
        ]
      : []),
    ...(has('trimmed') ? ['trimmed: nothing is left of the log to hold the rows against'] : []),
  ];
}

function shownDifferences(partitions: readonly PartitionResult[]): Difference[] {
  return partitions.flatMap(({ findings }) => findings.differences).slice(0, SHOWN_DIFFERENCES);
}

function lineOf(difference: Difference): string {
  const { table: name, kind, partition, values = [] } = difference;
  const what = values
    .map(({ column, found, expected }) => `${column} is ${shown(found)}, not ${shown(expected)}`)
    .join('; ');
  return `${name} ${placeOf(difference, partition)} ${kind}${what === '' ? '' : `: ${what}`}`;
}

function placeOf(difference: Difference, partition: number): string {
  const { campaign_id: campaign, sequence, row, event_id: event, touch, partner_id: partner } = difference;
  if (sequence !== undefined) {
    const names = [
      event,
      touch === undefined ? undefined : `touch ${touch}`,
      partner && `partner ${partner}`,
    ];
    const what = names.find((name) => name !== undefined);
    return `partition ${partition}, sequence ${sequence}, row ${row} (${what ?? 'an event'} of ${campaign})`;
  }
  const hour = difference.event_hour === undefined ? '' : `, events of ${difference.event_hour}`;
  return `partition ${partition}, campaign ${campaign}, partner ${shown(difference.partner_id ?? '')}, minute ${difference.record_minute}${hour}`;
}

const SHOWN_LENGTH = 60;

/** A value on one line, with quotes where it is not a number. */
function shown(text: string): string {
  if (/^-?\d+$/.test(text)) return text;
  return JSON.stringify(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
