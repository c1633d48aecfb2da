/** How the program ends. */

export const ExitCode = {
  ok: 0,
  /** The job failed, or its result is not what it must be. */
  failure: 1,
  /** The command line or a setting is wrong; nothing was done. */
  usage: 2,
  /** Stopped by Ctrl-C, as shells have it: 128 + SIGINT. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What the user asked for cannot be done as asked; the message is one line and says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The job could not be done, for a reason outside the program; the message is one line. */
export class JobError extends Error {
  override readonly name = 'JobError';
}
