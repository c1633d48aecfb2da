/** The result as one line of JSON, for programs. Its shape is part of the interface: see docs/performance.md. */
import type { Machine } from '../machine.ts';
import { aimText, type Row } from '../row.ts';

export interface RowJson {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The reference's figure, in the same unit. */
  readonly reference: number | null;
  readonly ratio: number | null;
  readonly aim: string | null;
  readonly met: boolean | null;
}

export interface ReportJson {
  readonly machine: Machine;
  readonly rows: readonly RowJson[];
}

export function reportJson(machine: Machine, rows: readonly Row[]): string {
  return JSON.stringify({ machine, rows: rows.map(rowJson) } satisfies ReportJson);
}

function rowJson({ name, value, unit, reference, ratio, aims, met }: Row): RowJson {
  return {
    name,
    value,
    unit,
    reference: reference?.value ?? null,
    ratio: ratio ?? null,
    aim: aims.length === 0 ? null : aimText(aims),
    met: met ?? null,
  };
}
