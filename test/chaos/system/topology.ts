/** What a system under chaos consists of. */

export const ROLES = ['ingest', 'actors', 'management'] as const;
/** What a process of the product does. */
export type Role = (typeof ROLES)[number];

export const SERVICES = ['nats', 'redis', 'clickhouse'] as const;
/** What the product stands on. */
export type ServiceName = (typeof SERVICES)[number];

export interface Topology {
  /** Processes of each role. */
  readonly processes: Readonly<Record<Role, number>>;
  readonly partitions: number;
}

export const USUAL_TOPOLOGY: Topology = {
  processes: { ingest: 3, actors: 2, management: 2 },
  partitions: 8,
};
