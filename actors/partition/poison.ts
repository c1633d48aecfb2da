/** Rows of the log whose handling has thrown: they are set aside when they are met again. */

/** Rows whose handling threw in an earlier attempt, with the error's text. Commands are row 0. */
export type Poison = Map<string, string>;

export function poisonKey(sequence: number, row: number): string {
  return `${sequence}/${row}`;
}

/** Forgets the rows that are saved: they are not met again. */
export function forget(poison: Poison, savedSequence: number): void {
  for (const key of poison.keys()) if (Number(key.split('/')[0]) <= savedSequence) poison.delete(key);
}

/** A row threw: the partition has to start again from its cursor, with the row known as poison. */
export class PoisonedRow extends Error {
  readonly key: string;
  /** Whether it is a message: what it says must not be lost. */
  readonly isMessage: boolean;

  constructor(sequence: number, row: number, cause: unknown, isMessage = false) {
    super(`record ${sequence}, row ${row} failed`, { cause });
    this.name = 'PoisonedRow';
    this.key = poisonKey(sequence, row);
    this.isMessage = isMessage;
  }
}
