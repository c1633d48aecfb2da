/**
 * Repetition: what is compared takes turns, so that whatever else the machine does meanwhile, and however warm
 * it gets, meets all of them alike.
 */

/** Something to be measured: each call is one repetition. */
export interface Subject<Result> {
  readonly name: string;
  run(): Promise<Result>;
}

/**
 * Runs all subjects `runs` times in turn; every other round in the opposite order, so that none always comes
 * after the same one.
 *
 * @returns the results of each subject, by round
 */
export async function inTurn<Result>(
  subjects: readonly Subject<Result>[],
  runs: number,
  tell: (line: string) => void = () => undefined,
): Promise<ReadonlyMap<string, readonly Result[]>> {
  const results = new Map<string, Result[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < runs; round++) {
    const order = round % 2 === 0 ? subjects : [...subjects].reverse();
    for (const subject of order) {
      tell(`${subject.name}, ${round + 1} of ${runs}`);
      results.get(subject.name)?.push(await subject.run());
    }
  }
  return results;
}

/** The results of a subject of `inTurn`. */
export function resultsOf<Result>(
  results: ReadonlyMap<string, readonly Result[]>,
  name: string,
): readonly Result[] {
  const found = results.get(name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}
