/** The file beside the replayed one that takes the rows that were refused, to be mended and sent again. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Row } from './row.ts';

export class RefusedRows {
  readonly path: string;
  #file: number | undefined;
  #count = 0;

  /**
   * @param replayed path of the file that is replayed
   * @param append keep what an earlier run has written, because this one goes on where it stopped
   */
  constructor(replayed: string, append: boolean) {
    this.path = `${replayed}.rejected.ndjson`;
    if (!append) rmSync(this.path, { force: true });
  }

  /** Rows written by this run. */
  get count(): number {
    return this.#count;
  }

  /** Adds a row. The file is made with the first one. */
  add({ line, text, content }: Row, reason: string): void {
    this.#file ??= openSync(this.path, 'a');
    const row = 'fields' in content ? content.fields : text;
    writeSync(this.#file, `${JSON.stringify({ line, reason, row })}\n`);
    this.#count++;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
