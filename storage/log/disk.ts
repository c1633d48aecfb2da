/** The calls of the file system that the embedded log makes outside of reading, as promises. */
import { close, constants, fsync, ftruncate, open, rename, truncate, unlink, write, writev } from 'node:fs';
import { promisify } from 'node:util';

export const disk = Object.freeze({
  close: promisify(close),
  fsync: promisify(fsync),
  ftruncate: promisify(ftruncate),
  open: promisify(open),
  rename: promisify(rename),
  truncate: promisify(truncate),
  unlink: promisify(unlink),
  write: promisify(write),
  writev: promisify(writev),
});

/**
 * To read and to write, where a write resolves when it is on disk. That is one call of the thread pool instead of
 * two, and 25 to 40 µs of CPU less than a write and its `fdatasync`.
 */
export const SYNCED: number = constants.O_RDWR | constants.O_DSYNC;
/** The same, of a file that is made anew. */
export const SYNCED_NEW: number = SYNCED | constants.O_CREAT | constants.O_TRUNC;

/** Makes names durable: those that a folder was given, and those that it lost. */
export async function syncFolder(directory: string): Promise<void> {
  const fd = await disk.open(directory, constants.O_RDONLY);
  try {
    await disk.fsync(fd);
  } finally {
    await disk.close(fd);
  }
}
