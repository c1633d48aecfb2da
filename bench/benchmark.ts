/** What a benchmark is, and what the suite gives it. */
import type { LoadGenerator } from './load/generator.ts';
import type { Row } from './row.ts';

export interface Benchmark {
  /** By which `--only` names it; its rows' names begin with it. */
  readonly name: string;
  /** What it asks, in a sentence. */
  readonly question: string;
  /**
   * Measures.
   *
   * @throws WrongCount if what was counted is not what was sent
   */
  run(bench: Bench): Promise<readonly Row[]>;
}

/** How much is to be measured, and with what. */
export interface Bench {
  /** A short run: fewer repetitions, shorter ones, and the largest sizes left out. */
  readonly isQuick: boolean;
  /** Repetitions of each measurement; of those that take long, which a quick run repeats less. */
  readonly runs: number;
  readonly longRuns: number;
  /** Milliseconds that load lasts in one repetition. */
  readonly loadMs: number;
  readonly generator: LoadGenerator;
  /** Whether `wrk` is there, to be used beside the generator. */
  readonly hasWrk: boolean;
  /** Where servers leave their CPU profiles, if anywhere. */
  readonly profileFolder: string | undefined;
  /** Progress, on the standard error. */
  tell(line: string): void;
}

/** Something was lost, doubled or refused: the speed of a wrong answer is worth nothing. */
export class WrongCount extends Error {
  constructor(what: string, sent: number, counted: number) {
    super(`${what}: ${sent} sent, ${counted} counted`);
    this.name = 'WrongCount';
  }
}

/** @throws WrongCount */
export function checkCount(what: string, sent: number, counted: number): void {
  if (sent !== counted) throw new WrongCount(what, sent, counted);
}
