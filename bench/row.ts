/** A row of the result: one figure, what it was held against in the same run, and what was hoped for. */
import { median, spread } from './statistics.ts';

/** What a figure, or its ratio to the reference, should be. Nothing fails if it is not. */
export interface Aim {
  readonly of: 'ratio' | 'value';
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Points of a chart: figures over something that grows. */
export interface Series {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Whether the horizontal axis is logarithmic. */
  readonly isLogarithmic: boolean;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** Horizontal and vertical values, in ascending order of the first. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Row {
  readonly name: string;
  readonly question: string;
  /** Median of the samples. */
  readonly value: number;
  readonly unit: string;
  /** One figure per repetition. */
  readonly samples: readonly number[];
  /** Median absolute deviation as a share of the median. */
  readonly spread: number;
  readonly reference: Reference | undefined;
  /** Median over the repetitions of the figure by the reference's, which was measured next to it. */
  readonly ratio: number | undefined;
  readonly aims: readonly Aim[];
  /** Whether all aims are met; `undefined` if there are none. */
  readonly met: boolean | undefined;
  /** What else is to be known: who was busy, how far behind the counting was. */
  readonly notes: readonly string[];
  readonly series: Series | undefined;
}

export interface Reference {
  readonly name: string;
  /** In the row's unit. */
  readonly value: number;
  readonly samples: readonly number[];
}

export interface Measured {
  readonly name: string;
  readonly question: string;
  readonly unit: string;
  readonly samples: readonly number[];
  /** As many samples as the subject has: those of the same repetition. */
  readonly reference?: { readonly name: string; readonly samples: readonly number[] };
  readonly aims?: readonly Aim[];
  readonly notes?: readonly string[];
  readonly series?: Series;
}

/** @throws RangeError without samples, or with another number of them for the reference */
export function rowOf(measured: Measured): Row {
  const { name, question, unit, samples, aims = [], notes = [], series } = measured;
  const value = median(samples);
  const ratio = measured.reference && median(ratios(samples, measured.reference.samples));
  return {
    ...{ name, question, unit, samples, aims, notes, series, value, ratio },
    spread: spread(samples),
    reference: measured.reference && { ...measured.reference, value: median(measured.reference.samples) },
    met: aims.length === 0 ? undefined : aims.every((aim) => isMet(aim, value, ratio)),
  };
}

function ratios(samples: readonly number[], references: readonly number[]): number[] {
  if (samples.length !== references.length) throw new RangeError('subject and reference take turns');
  return samples.map((sample, round) => sample / (references[round] as number));
}

function isMet({ of, atLeast, atMost }: Aim, value: number, ratio: number | undefined): boolean {
  const figure = of === 'ratio' ? ratio : value;
  if (figure === undefined) return false;
  return figure >= (atLeast ?? Number.NEGATIVE_INFINITY) && figure <= (atMost ?? Number.POSITIVE_INFINITY);
}

/** `ratio ≥ 0.8`, several joined by `and`; empty without aims. */
export function aimText(aims: readonly Aim[]): string {
  return aims
    .map(({ of, atLeast, atMost }) => {
      const subject = of === 'ratio' ? 'ratio ' : '';
      const bounds = [
        ...(atLeast === undefined ? [] : [`≥ ${figureText(atLeast)}`]),
        ...(atMost === undefined ? [] : [`≤ ${figureText(atMost)}`]),
      ];
      return `${subject}${bounds.join(', ')}`;
    })
    .join(' and ');
}

/** Three significant digits, thousands separated; whole numbers from 1,000 on. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-GB');
  return String(Number(value.toPrecision(3)));
}
