/** The hot functions, in the order in which an event meets them. */
import { apply } from './apply.ts';
import { block } from './block.ts';
import { claim } from './claim.ts';
import { decode, encode } from './codec.ts';
import { identification, parse } from './parse.ts';

/** A function of the hot path; a call deals with a batch of events. */
export interface HotFunction {
  readonly name: string;
  readonly ours: () => unknown;
  readonly alternative: { readonly name: string; readonly run: () => unknown };
  /** Why it is done as it is. */
  readonly why: string;
}

export async function hotFunctions(): Promise<HotFunction[]> {
  return [parse(), identification(), claim(), encode(), decode(), await apply(), block()];
}
