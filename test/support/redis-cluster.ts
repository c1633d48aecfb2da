/** A real Redis cluster of masters, which share the hash slots evenly. */
import { RedisServer, type RedisServerOptions } from './redis-server.ts';
import { waitFor } from './wait.ts';

const SLOTS = 16_384;
const NODE: RedisServerOptions = {
  isClusterNode: true,
  settings: [
    ...['--cluster-node-timeout', '1000', '--cluster-require-full-coverage', 'no'],
    // A replica is not kept waiting for others that might want the same.
    ...['--repl-diskless-sync-delay', '0'],
  ],
};

export class RedisCluster implements AsyncDisposable {
  /** The masters that it began with. */
  readonly nodes: readonly RedisServer[];
  readonly #replicas: RedisServer[] = [];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  /** A cluster that serves all slots. */
  static async start(size: number): Promise<RedisCluster> {
    const nodes = await Promise.all(Array.from({ length: size }, () => RedisServer.start(NODE)));
    const cluster = new RedisCluster(nodes);
    for (const [i, node] of nodes.entries()) {
      const [first, end] = [i, i + 1].map((share) => Math.round((share * SLOTS) / size)) as [number, number];
      await node.run('CLUSTER', 'ADDSLOTSRANGE', first, end - 1);
      await node.run('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      if (i > 0) await meet(node, nodes[0] as RedisServer);
    }
    await cluster.settled();
    return cluster;
  }

  /** Resolves once all nodes agree that all slots are served. */
  async settled(): Promise<void> {
    await waitFor('the cluster to agree', async () => {
      const views = await Promise.all(this.nodes.map((node) => node.run('CLUSTER', 'INFO')));
      return views.every((view) => /cluster_state:ok.*cluster_slots_ok:16384/s.test(String(view)));
    });
  }

  /** The node that serves the slot, as that node itself sees it. */
  async ownerOf(slot: number): Promise<RedisServer> {
    for (const node of this.nodes) {
      const lines = String(await node.run('CLUSTER', 'NODES')).split('\n');
      const own = lines.find((line) => line.includes('myself')) ?? '';
      const ranges = own
        .split(' ')
        .slice(8)
        .map((range) => range.split('-').map(Number));
      if (ranges.some(([first = -1, last = first]) => first <= slot && slot <= last)) return node;
    }
    throw new Error(`no node serves slot ${slot}`);
  }

  /** Moves a slot to another node, with its keys. */
  async moveSlot(slot: number, to: RedisServer): Promise<void> {
    const { from, id } = await this.beginMove(slot, to);
    for (;;) {
      const names = (await from.run('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[];
      if (names.length === 0) break;
      await from.run('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...names);
    }
    await to.run('CLUSTER', 'SETSLOT', slot, 'NODE', id);
    await from.run('CLUSTER', 'SETSLOT', slot, 'NODE', id);
  }

  /** Lets a slot be on its way to another node. */
  async beginMove(slot: number, to: RedisServer): Promise<{ from: RedisServer; id: string }> {
    const from = await this.ownerOf(slot);
    const id = String(await to.run('CLUSTER', 'MYID'));
    await to.run('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(await from.run('CLUSTER', 'MYID')));
    await from.run('CLUSTER', 'SETSLOT', slot, 'MIGRATING', id);
    return { from, id };
  }

  /** Adds a replica that has all of the master's keys, and that the others know. */
  async addReplica(master: RedisServer): Promise<RedisServer> {
    const replica = await RedisServer.start(NODE);
    this.#replicas.push(replica);
    const id = String(await master.run('CLUSTER', 'MYID'));
    await meet(replica, master);
    const sees = (node: RedisServer, pattern: RegExp) => async () =>
      pattern.test(String(await node.run('CLUSTER', 'NODES')));
    await waitFor('the replica to meet its master', sees(replica, new RegExp(`^${id}`, 'm')));
    await replica.run('CLUSTER', 'REPLICATE', id);
    for (const node of this.nodes) await waitFor('the replica to be known', sees(node, / slave /));
    await waitFor('the replica to be linked', async () =>
      String(await replica.run('INFO', 'replication')).includes('master_link_status:up'),
    );
    return replica;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.nodes, ...this.#replicas].map((node) => node[Symbol.asyncDispose]()));
  }
}

async function meet(node: RedisServer, other: RedisServer): Promise<void> {
  await node.run('CLUSTER', 'MEET', '127.0.0.1', other.port, other.clusterPort);
}
