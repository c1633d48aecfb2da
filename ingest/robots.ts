/** Whether an agent is a known robot. Asking the patterns takes microseconds, so answers are kept. */
import { isbot } from 'isbot';

/** Agents remembered; real traffic has far fewer that matter. */
const AGENTS = 8_192;
const known = new Map<string, boolean>();

/** Whether `userAgent` names a crawler, a checker, a library or another machine. */
export function isRobot(userAgent: string): boolean {
  let robot = known.get(userAgent);
  if (robot === undefined) {
    robot = isbot(userAgent);
    // Forgetting all is cheap and rare, and nobody can make it grow.
    if (known.size >= AGENTS) known.clear();
    known.set(userAgent, robot);
  }
  return robot;
}
