/** What a command's handler is given: the command, its place in the log, and whom to tell what has happened. */
import type { Command } from '../model/command.ts';
import type { Announce } from './announcements.ts';

export interface GivenCommand {
  readonly command: Command;
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
  readonly sequence: number;
  /** Is told what has happened. */
  readonly announce: Announce;
}
