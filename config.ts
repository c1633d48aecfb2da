/** The configuration: read from the environment once, checked, frozen. Nothing else reads the environment. */

export type Role = 'ingest' | 'actors' | 'management';

export interface Config {
  /** Address to bind. */
  readonly host: string;
  readonly ingestPort: number;
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Folder of the embedded engines, absolute. */
  readonly dataDir: string;
  /** Partitions of the cluster; counts at creation only. */
  readonly partitions: number;
  /** Actor threads. */
  readonly workers: number;
  readonly roles: ReadonlySet<Role>;
  /** Distributed engines; `undefined`: the embedded one. */
  readonly natsUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
  /** Origins that may call the collector from web pages besides those a campaign allows; empty: any. */
  readonly allowedOrigins: readonly string[];
  /** How long the log keeps records that are safely applied, in milliseconds. */
  readonly logRetentionMs: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
