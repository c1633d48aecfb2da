/** Makes faults happen, and undoes them. What one has hit is left alone by others until it is back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from '../load/ledger.ts';
import type { ManagedProcess } from '../system/managed-process.ts';
import type { ChaosSystem, Member } from '../system/system.ts';
import { ROLES, type Role, type ServiceName } from '../system/topology.ts';
import type { FaultKind, Target } from './kinds.ts';

/** What is to go wrong. */
export interface Fault {
  readonly kind: Pick<FaultKind, 'action' | 'target' | 'victim'>;
  readonly lastsMs: number;
  /** Which process of the role, or victim, it hits: a number from 0 to 1. */
  readonly choice: number;
  /** Milliseconds that a message takes, where it is about that. */
  readonly delayMs: number;
}

export interface Injected {
  /** What it has hit. */
  readonly hit: string;
  /** Resolves when it is undone. */
  readonly over: Promise<void>;
}

/** What a fault does: it begins at once. */
type Act = () => Promise<void>;

export class Injector {
  readonly #system: ChaosSystem;
  readonly #ledger: Ledger;
  readonly #heal = new AbortController();
  /** Ends of the faults under way, by what they have hit. */
  readonly #busy = new Map<string, Promise<void>>();

  constructor(system: ChaosSystem, ledger: Ledger) {
    this.#system = system;
    this.#ledger = ledger;
  }

  /** Begins a fault as soon as what it hits is free. @returns `undefined` if the run has ended meanwhile */
  async inject(fault: Fault): Promise<Injected | undefined> {
    const names = this.#targets(fault);
    for (;;) {
      if (this.#heal.signal.aborted) return undefined;
      const holder = names.map((name) => this.#busy.get(name)).find((busy) => busy !== undefined);
      if (holder === undefined) break;
      await holder;
    }
    const over = this.#actOf(fault, names)()
      .catch((error: unknown) => this.#ledger.complain(`${names.join(', ')}: ${String(error)}`))
      .finally(() => {
        for (const name of names) this.#busy.delete(name);
      });
    for (const name of names) this.#busy.set(name, over);
    return { hit: names.length > 1 ? 'all' : (names[0] as string), over };
  }

  /** Undoes what is under way; resolves when everything runs. No more faults afterwards. */
  async heal(): Promise<void> {
    this.#heal.abort();
    await Promise.all(this.#busy.values());
  }

  /** Names of what it hits: of those that are free, the first from the chosen one on. */
  #targets({ kind: { target, victim }, choice }: Fault): string[] {
    if (target === 'everything') return this.#system.processes.map(({ name }) => name);
    if (victim === undefined) return [isRole(target) ? this.#choose(target, choice, '') : target];
    const suffix = `→${target}`;
    if (victim !== 'all') return [this.#choose(victim, choice, suffix)];
    return this.#system.members.map(({ process }) => `${process.name}${suffix}`);
  }

  #choose(role: Role, choice: number, suffix: string): string {
    const members = this.#system.of(role);
    const from = Math.floor(choice * members.length);
    const names = members.map((_, index) => {
      const member = members[(from + index) % members.length] as Member;
      return `${member.process.name}${suffix}`;
    });
    return names.find((name) => !this.#busy.has(name)) ?? (names[0] as string);
  }

  #actOf({ kind: { action, target }, lastsMs, delayMs }: Fault, names: readonly string[]): Act {
    const processes = names.map((name) => this.#process(name));
    const process = processes[0] as ManagedProcess;
    const links = names.flatMap((name) => this.#link(name));
    switch (action) {
      case 'kill':
        return () =>
          this.#during(lastsMs, Promise.all(processes.map((one) => one.kill())), async () => {
            await Promise.all(processes.map((one) => one.start()));
          });
      case 'terminate':
        return () => this.#during(lastsMs, this.#terminate(process), () => process.start());
      case 'stop':
      case 'stop-beyond-lease':
        return () => this.#during(lastsMs, process.pause(), () => process.resume());
      case 'flush':
        return () => this.#flush(target as ServiceName);
      case 'cut':
        return async () => {
          for (const link of links) link.cut();
        };
      case 'black-hole': {
        for (const link of links) link.isDead = true;
        const revive = (): void => {
          for (const link of links) link.isDead = false;
        };
        return () => this.#during(lastsMs, Promise.resolve(), revive);
      }
      case 'slow': {
        for (const link of links) link.delayMs = delayMs;
        const hasten = (): void => {
          for (const link of links) link.delayMs = 0;
        };
        return () => this.#during(lastsMs, Promise.resolve(), hasten);
      }
    }
  }

  /** Lets time pass after the beginning of a fault, and undoes it. */
  async #during(lastsMs: number, begun: Promise<unknown>, undo: () => void | Promise<void>): Promise<void> {
    try {
      await begun;
      await sleep(lastsMs, undefined, { signal: this.#heal.signal }).catch(() => undefined);
    } finally {
      await undo();
    }
  }

  async #terminate(process: ManagedProcess): Promise<void> {
    const begin = performance.now();
    const { code, signal } = await process.terminate();
    const seconds = (performance.now() - begin) / 1_000;
    if (code !== 0)
      this.#ledger.complain(`${process.name} ended with ${signal ?? `code ${code}`} when asked to end`);
    if (seconds > 12) this.#ledger.complain(`${process.name} took ${seconds.toFixed(1)} s to end`);
  }

  async #flush(name: ServiceName): Promise<void> {
    const { port } = this.#system.service(name);
    const { Redis } = await import('ioredis');
    const client = new Redis({ port, host: '127.0.0.1', retryStrategy: null, enableReadyCheck: false });
    client.on('error', () => undefined);
    try {
      await client.flushall();
    } finally {
      client.disconnect();
    }
  }

  /** A process by its name; for a link, that of its client. */
  #process(name: string): ManagedProcess {
    const [owner] = name.split('→');
    return this.#system.processes.find((process) => process.name === owner) as ManagedProcess;
  }

  #link(name: string): Member['links'][ServiceName][] {
    const [owner, service] = name.split('→');
    const member = this.#system.members.find(({ process }) => process.name === owner);
    return member === undefined || service === undefined ? [] : [member.links[service as ServiceName]];
  }
}

function isRole(target: Target): target is Role {
  return (ROLES as readonly string[]).includes(target);
}
