/** Free text, as clients write it. */
import type { Violations } from './violations.ts';

/** Text for people or an outside system's identifier: well-formed Unicode without control characters. */
export function plainText(text: string, field: string, violations: Violations): string {
  if (!text.isWellFormed()) violations.add(field, 'must be well-formed Unicode: it holds half a character');
  else if (/\p{Cc}/u.test(text)) violations.add(field, 'must not contain control characters');
  else if (text.trim() === '') violations.add(field, 'must not be blank');
  return text;
}
