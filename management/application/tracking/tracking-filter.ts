/** Which events a list is restricted to, as clients of both protocols write it. */
import { limits } from '../../../limits.ts';
import { OUTCOMES } from '../../../model/decision.ts';
import { EVENT_TYPES } from '../../../model/event.ts';
import type { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';
import { EVIDENCE_FLAGS } from './evidence-flags.ts';
import { reasonOf } from './reasons.ts';
import type { EventsFilter } from './tracking-query.ts';

/** What was written; empty text and none restrict nothing. Times are milliseconds since the epoch. */
export interface WrittenFilter {
  readonly type?: string | undefined;
  readonly status?: string | undefined;
  /** Number or name. */
  readonly reason?: string | undefined;
  readonly partnerId?: string | undefined;
  readonly flag?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The filter that was written; violations name the fields at fault. */
export function eventsFilterOf(written: WrittenFilter, violations: Violations): EventsFilter {
  const { from, to, partnerId } = written;
  const type = written.type ? wordOf(EVENT_TYPES, written.type, 'type', violations) : undefined;
  const status = written.status ? wordOf(OUTCOMES, written.status, 'status', violations) : undefined;
  const reason = written.reason ? reasonOf(written.reason, 'reason', violations) : undefined;
  const flag = written.flag ? wordOf(EVIDENCE_FLAGS, written.flag, 'flag', violations) : undefined;
  if (partnerId && partnerId.length > limits.idLength) {
    violations.add('partner_id', `must have at most ${limits.idLength} characters`);
  }
  if (from !== undefined && to !== undefined && from >= to) {
    violations.add('from', 'must be earlier than to');
  }
  return {
    ...(type && { type }),
    ...(status && { status }),
    ...(reason !== undefined && { reason }),
    ...(partnerId && { partnerId }),
    ...(flag && { flag }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}
