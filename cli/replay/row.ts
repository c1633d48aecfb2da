/** What is read from a file: rows, each with where it stands. */

export interface Row {
  /** Line on which it begins, from 1. */
  readonly line: number;
  /** As it stands in the file, for ids and for the file of refused rows. */
  readonly text: string;
  /** What it holds, or what is wrong with it. */
  readonly content: { readonly fields: Readonly<Record<string, unknown>> } | { readonly problem: string };
}

/** UTF-16 units of a row that are kept; what is longer is no event. */
export const ROW_LENGTH = 256 * 1024;
