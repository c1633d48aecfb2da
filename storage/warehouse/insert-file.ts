/**
 * The file through which rows go into the embedded engine. It is written over again and again: making and removing a
 * file for each insert took 0.4 ms of CPU for 200 kB and 2 ms for 4 MB, writing over one takes 0.15 and 0.4.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';

export class InsertFile {
  readonly path: string;
  #handle: FileHandle | undefined;
  #length = 0;

  /** Nothing is there before the first `fill`. */
  constructor(path: string) {
    this.path = path;
  }

  /** Replaces what is in the file. */
  async fill(rows: Uint8Array): Promise<void> {
    this.#handle ??= await open(this.path, 'w');
    for (let at = 0; at < rows.length; ) {
      const { bytesWritten } = await this.#handle.write(rows, at, rows.length - at, at);
      at += bytesWritten;
    }
    if (rows.length < this.#length) await this.#handle.truncate(rows.length);
    this.#length = rows.length;
  }

  /** Removes the file. Whoever still reads it has the rows of the last `fill`. */
  async remove(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    await rm(this.path, { force: true });
  }
}
