/** Words of fixed sets, as clients write them. */
import type { Violations } from './violations.ts';

/** The word of the set that `text` is but for its case; a violation otherwise. */
export function wordOf<W extends string>(
  words: readonly W[],
  text: string,
  field: string,
  violations: Violations,
): W | undefined {
  const upper = text.toUpperCase();
  const word = words.find((candidate) => candidate.toUpperCase() === upper);
  return word ?? violations.add(field, `must be one of ${words.join(', ')}`);
}
