/**
 * Holds the credits of accepted conversions against the conversions, where the log cannot be replayed: the shares
 * of each sum to a million, its revenue and its commission are split without a rest and nobody's credit has any
 * of the commission, and nothing else is credited.
 */

import { EventType } from '../../model/event.ts';
import { WHOLE_PPM } from '../../model/terms.ts';
import type { DifferenceKind, Findings, WrongValue } from './findings.ts';
import type { Stretch } from './rows-check.ts';
import type { Sources } from './sources.ts';

/** Conversions that are shown, of those of a stretch whose credits do not sum to them. */
const SHOWN = 20;
const AMOUNTS = ['share_ppm', 'revenue_micros', 'commission_micros', 'unearned_micros'] as const;

/** Sums of a conversion: what is due, and what is credited. */
interface SumsRow {
  readonly campaign_id: string;
  readonly sequence: string;
  readonly row: number;
  /** Rows of the conversion, and of its credits. */
  readonly conversions: string;
  readonly credits: string;
  /** By `AMOUNTS`. */
  readonly due: readonly string[];
  readonly credited: readonly string[];
  /** Conversions of the stretch that are wrong. */
  readonly wrong: string;
}

const STRETCH = `partition = {partition:UInt16} AND sequence > {after:UInt64} AND sequence <= {to:UInt64}
  AND record_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
  AND record_time <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')`;
const sums = (side: string): string =>
  `[${AMOUNTS.map((amount) => `toString(sumIf(toInt128(${amount}), ${side}))`).join(', ')}]`;

const SUMS_QUERY = `
  SELECT campaign_id, toString(sequence) AS sequence, \`row\`,
    toString(countIf(is_due)) AS conversions, toString(countIf(NOT is_due)) AS credits,
    ${sums('is_due')} AS due, ${sums('NOT is_due')} AS credited,
    toString(count() OVER ()) AS wrong
  FROM (
    SELECT campaign_id, sequence, \`row\`, true AS is_due,
      toInt64(${WHOLE_PPM}) AS share_ppm, value_micros AS revenue_micros, commission_micros,
      toInt64(0) AS unearned_micros
    FROM decided_events
    WHERE ${STRETCH} AND type = ${EventType.conversion} AND reason < 200
    UNION ALL
    SELECT campaign_id, sequence, \`row\`, false AS is_due,
      toInt64(share_ppm) AS share_ppm, revenue_micros, commission_micros,
      if(partner_id = '', commission_micros, 0) AS unearned_micros
    FROM credits
    WHERE ${STRETCH}
  )
  GROUP BY campaign_id, sequence, \`row\`
  HAVING due != credited OR conversions != '1'
  ORDER BY toUInt64(sequence), \`row\`
  LIMIT ${SHOWN}`;

export interface CreditSumsOptions {
  readonly sources: Pick<Sources, 'warehouse'>;
  readonly partition: number;
  readonly findings: Findings;
}

export class CreditSumsCheck {
  readonly #options: CreditSumsOptions;

  constructor(options: CreditSumsOptions) {
    this.#options = options;
  }

  /** Compares a stretch, of which everything is in the warehouse. */
  async compare({ after, to, from, until }: Omit<Stretch, 'rows'>): Promise<void> {
    const { sources, partition, findings } = this.#options;
    const parameters = { partition, after, to, from, until };
    const rows = await sources.warehouse.query<SumsRow>(SUMS_QUERY, parameters);
    for (const row of rows)
      findings.add({
        partition,
        table: 'credits',
        kind: kindOf(row),
        sequence: Number(row.sequence),
        row: row.row,
        campaign_id: row.campaign_id,
        values: wrongSums(row),
      });
    const [counted] = await sources.warehouse.query<{ readonly n: string }>(
      `SELECT toString(count()) AS n FROM credits WHERE ${STRETCH}`,
      parameters,
    );
    findings.creditsCompared += Number(counted?.n ?? 0);
    findings.addUnseen('different', Math.max(0, Number(rows[0]?.wrong ?? 0) - rows.length));
  }
}

function kindOf({ conversions, credits }: SumsRow): DifferenceKind {
  if (credits === '0') return 'missing';
  return conversions === '0' ? 'extra' : 'different';
}

function wrongSums({ due, credited }: SumsRow): WrongValue[] {
  return AMOUNTS.flatMap((column, index) => {
    const [found, expected] = [credited[index] as string, due[index] as string];
    return found === expected ? [] : [{ column, found, expected }];
  });
}
