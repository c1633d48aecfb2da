/** What every host of a simulated cluster works with. */
import type { Logger } from 'pino';
import { pino } from 'pino';
import type { ActorFactories } from '../../actors/actor.ts';
import type { FingerprintKey } from '../../model/fingerprint.ts';
import type { Mutant } from './mutant.ts';
import type { Ledger } from './oracle/ledger.ts';
import type { DedupServer } from './ports/dedup.ts';
import type { EventBusServer } from './ports/event-bus.ts';
import type { GatewayServer } from './ports/gateway.ts';
import type { LogServer } from './ports/log.ts';
import type { SnapshotServer } from './ports/snapshots.ts';
import type { WarehouseServer } from './ports/warehouse.ts';
import type { SimulatedProcess } from './process.ts';
import type { World } from './world.ts';

export const FINGERPRINT_KEY: FingerprintKey = { k0: 0x1234567, k1: 0x89abcde };
export const CLICK_SECRET: Uint8Array = Buffer.alloc(32, 7);

export interface Site {
  readonly world: World;
  readonly log: LogServer;
  readonly dedup: DedupServer;
  readonly snapshots: SnapshotServer;
  readonly warehouse: WarehouseServer;
  readonly bus: EventBusServer;
  readonly gateway: GatewayServer;
  readonly ledger: Ledger;
  readonly mutant: Mutant;
  /** Actors in the place of those of the product. */
  readonly factories?: Partial<ActorFactories>;
  /** Record time from which on nothing fails any more, milliseconds since the epoch. */
  readonly mendedAt: number;
}

const silent = pino({ enabled: false });

/** A logger whose lines become part of the trace. */
export function loggerOf({ name, world }: SimulatedProcess): Logger {
  if (world.trace === undefined) return silent;
  const destination = { write: (line: string) => world.note(name, shortened(line)) };
  return pino({ base: null, timestamp: false }, destination);
}

function shortened(line: string): string {
  const {
    level: _,
    err,
    msg,
    ...rest
  } = JSON.parse(line) as {
    readonly level: number;
    readonly msg: string;
    readonly err?: { readonly message: string; readonly stack: string };
  };
  const more = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
  return `${msg}${more}${err ? `: ${err.stack}` : ''}`;
}
