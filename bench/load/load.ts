/** What the load generator is asked for and what it answers: messages between two processes. */

/** What is sent. Every event has an id of its own, unless it is `fixed`. */
export type LoadKind =
  | { readonly kind: 'pixel'; readonly campaigns: readonly string[] }
  | { readonly kind: 'json'; readonly campaigns: readonly string[] }
  | { readonly kind: 'batch'; readonly campaigns: readonly string[]; readonly events: number }
  | {
      /** The same request again and again, which brings no event. */
      readonly kind: 'fixed';
      readonly method: 'GET' | 'POST';
      readonly path: string;
      readonly body?: string;
    }
  | {
      /** The same call again and again; `connections` are calls under way then. */
      readonly kind: 'grpc';
      /** `/package.Service/Method` */
      readonly path: string;
      /** The request's bytes in base 64. */
      readonly request: string;
    };

export interface Load {
  readonly port: number;
  readonly what: LoadKind;
  /** Kept alive; each has one request under way at a time. */
  readonly connections: number;
  /** Milliseconds before anything is measured, and while it is. */
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Requests a second at most; 0: as many as there are answers. */
  readonly rate: number;
  /** Part of all event ids: nobody else's. At most 8 characters. */
  readonly run: string;
  /** Processes of which the processor time is taken while it is measured. */
  readonly pids: readonly number[];
}

export interface LoadResult {
  /** Requests that were sent, and answered as they should be, over all: also before and after the measurement. */
  readonly sent: number;
  readonly answered: number;
  /** The first answer that was not as it should be. */
  readonly failure: string | undefined;
  /** Answers while it was measured, in how many milliseconds. */
  readonly measured: number;
  readonly windowMs: number;
  /** Of the answers measured: milliseconds that half of them, 99 of 100, and the slowest took. */
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** Processor time while it was measured, in milliseconds: the generator's own, and that of the `pids`. */
  readonly ownMs: number;
  readonly theirsMs: number;
}
