/** Work that only one process at a time may do in a folder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const POLL_MS = 200;

/**
 * Does `work` while no other process does, which it waits for.
 *
 * @param file where the one at work leaves its process id
 * @param waiting called once if another one is at work
 */
export function alone(file, waiting, work) {
  for (let isFirst = true; !take(file); isFirst = false) {
    if (isFirst) waiting();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Whether the file is ours now. One that a process has left behind when it was killed is taken over. */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    // Between its creation and its content it is empty: then its owner lives.
    if (owner > 0 && !isAlive(owner)) {
      rmSync(file, { force: true });
      return take(file);
    }
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
