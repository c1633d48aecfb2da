/** Reasons of decisions, as rows hold them and as clients write them. */
import { REASONS, type ReasonCode, reasonName } from '../../../model/decision.ts';
import type { Violations } from '../violations.ts';

const KNOWN: ReadonlySet<number> = new Set(Object.values(REASONS));

/** The name of a stored reason; one that a later version has stored is told by its number. */
export function storedReasonName(code: number): string {
  return KNOWN.has(code) ? reasonName(code as ReasonCode) : `unknown_reason_${code}`;
}

/** The reason of a number (`400`) or a name (`budget_exhausted`, in any case); a violation if there is none. */
export function reasonOf(text: string, field: string, violations: Violations): number | undefined {
  if (/^[1-9]\d{2}$/.test(text)) return Number(text);
  const lower = text.toLowerCase();
  const found = Object.entries(REASONS).find(([name]) => name === lower);
  if (found) return found[1];
  return violations.add(
    field,
    `must be the number or the name of a reason, such as ${REASONS.budget_exhausted} or budget_exhausted`,
  );
}
