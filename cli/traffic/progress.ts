/** How a long job shows that it goes on: a bar on a terminal, plain lines elsewhere, or nothing. */
import cliProgress from 'cli-progress';

export interface ProgressState {
  /** What is being done, in a word or two. */
  readonly phase: string;
  /** Part of the whole that is done, from 0 to 1. */
  readonly done: number;
  /** Events answered so far. */
  readonly events: number;
  /** Attempts that were not answered. */
  readonly retries: number;
  /** What the last attempt failed with; `undefined` while all is well. */
  readonly trouble: string | undefined;
}

export type ProgressStyle = 'bar' | 'lines' | 'none';

const BAR_MS = 200;
const LINE_MS = 2_000;
/** Steps of the bar; cli-progress counts in whole numbers. */
const STEPS = 10_000;

/**
 * Shows the progress of a job until the returned function is called.
 *
 * @param output where to; the standard error, so that results can be piped
 */
export function showProgress(
  style: ProgressStyle,
  state: () => ProgressState,
  output: NodeJS.WriteStream = process.stderr,
): () => void {
  switch (style) {
    case 'none':
      return () => undefined;
    case 'lines':
      return showLines(state, output);
    case 'bar':
      return showBar(state, output);
  }
}

/** A bar where people watch, lines elsewhere. */
export function styleFor(output: NodeJS.WriteStream = process.stderr): ProgressStyle {
  return output.isTTY ? 'bar' : 'lines';
}

/** Events per second since the last look. */
class Meter {
  #events = 0;
  #time = performance.now();

  rate(events: number): number {
    const now = performance.now();
    const rate = ((events - this.#events) / Math.max(1, now - this.#time)) * 1_000;
    this.#events = events;
    this.#time = now;
    return Math.round(rate);
  }
}

const numbers = new Intl.NumberFormat('en-US');
const grouped = (value: number): string => numbers.format(value);

function showLines(state: () => ProgressState, output: NodeJS.WriteStream): () => void {
  const meter = new Meter();
  const timer = setInterval(() => {
    const { phase, done, events, retries, trouble } = state();
    const percent = `${(done * 100).toFixed(0)} %`.padStart(5);
    const text = `${phase}  ${percent}  ${grouped(events)} events answered, ${grouped(meter.rate(events))}/s, ${grouped(retries)} retries`;
    output.write(trouble === undefined ? `${text}\n` : `${text}, waiting: ${trouble}\n`);
  }, LINE_MS);
  return () => clearInterval(timer);
}

function showBar(state: () => ProgressState, output: NodeJS.WriteStream): () => void {
  const meter = new Meter();
  const bar = new cliProgress.SingleBar({
    stream: output,
    format: '{phase} {bar} {percent} %  {events} events  {rate}/s  {retries} retries{trouble}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
  });
  let shownRate = 0;
  const payload = () => {
    const { phase, done, events, retries, trouble } = state();
    // The first looks come too soon after each other to tell a rate.
    shownRate = Math.round(shownRate === 0 ? meter.rate(events) : 0.7 * shownRate + 0.3 * meter.rate(events));
    return {
      step: Math.round(done * STEPS),
      texts: {
        phase,
        percent: (done * 100).toFixed(0).padStart(3),
        events: grouped(events),
        rate: grouped(shownRate),
        retries: grouped(retries),
        trouble: trouble === undefined ? '' : `  waiting: ${trouble}`,
      },
    };
  };
  const first = payload();
  bar.start(STEPS, first.step, first.texts);
  const timer = setInterval(() => {
    const { step, texts } = payload();
    bar.update(step, texts);
  }, BAR_MS);
  return () => {
    clearInterval(timer);
    bar.stop();
  };
}
