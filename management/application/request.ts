/** What every management request may carry, checked the same for both protocols. */
import { limits } from '../../limits.ts';
import type { Principal } from '../../model/command.ts';
import { plainText } from './text.ts';
import { refuse, Violations } from './violations.ts';

/**
 * Who asks. Without configured credentials management serves the machine itself only: whoever reaches it is
 * its operator.
 */
export const OPERATOR: Principal = { subject: 'operator' };

/**
 * An idempotency key.
 *
 * @param field what the caller knows it by: `Idempotency-Key`, `request_id`
 * @throws TurnpikeError `invalid_argument`
 */
export function checkedRequestId(text: string, field: string): string {
  if (text.length > limits.requestIdLength || !/^[\x20-\x7e]+$/.test(text)) {
    const description = `must have 1 to ${limits.requestIdLength} printable ASCII characters`;
    refuse([{ field, description }]);
  }
  return text;
}

/** The reason given with a command. @throws TurnpikeError `invalid_argument` */
export function checkedReason(text: string): string {
  const violations = new Violations();
  if (text.length > limits.reasonLength)
    violations.add('reason', `must have at most ${limits.reasonLength} characters`);
  else plainText(text, 'reason', violations);
  violations.refuse();
  return text;
}

/**
 * The number of items that a page may hold: 0 and none stand for the usual number, and more than
 * `limits.pageSize` for that.
 *
 * @throws TurnpikeError `invalid_argument`
 */
export function checkedPageSize(size: number | undefined): number {
  if (size === undefined || size === 0) return limits.defaultPageSize;
  if (size < 0) refuse([{ field: 'page_size', description: 'must not be negative' }]);
  return Math.min(size, limits.pageSize);
}
