/** A real Redis cluster of masters without replicas, which share the hash slots evenly. */
import { RedisServer } from './redis-server.ts';
import { waitFor } from './wait.ts';

const SLOTS = 16_384;

export class RedisCluster implements AsyncDisposable {
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  /** A cluster that serves all slots. */
  static async start(size: number): Promise<RedisCluster> {
    const settings = [
      ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'],
      ...['--cluster-require-full-coverage', 'no'],
    ];
    const nodes = await Promise.all(Array.from({ length: size }, () => RedisServer.start({ settings })));
    const cluster = new RedisCluster(nodes);
    for (const [i, node] of nodes.entries()) {
      const [first, end] = [i, i + 1].map((share) => Math.round((share * SLOTS) / size)) as [number, number];
      await node.run('CLUSTER', 'ADDSLOTSRANGE', first, end - 1);
      await node.run('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      if (i > 0) await node.run('CLUSTER', 'MEET', '127.0.0.1', (nodes[0] as RedisServer).port);
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

  /** Gives a slot to another node, without its keys, which are forgotten. */
  async moveSlot(slot: number, to: RedisServer): Promise<void> {
    const from = await this.ownerOf(slot);
    const id = String(await to.run('CLUSTER', 'MYID'));
    await to.run('CLUSTER', 'SETSLOT', slot, 'NODE', id);
    await from.run('CLUSTER', 'SETSLOT', slot, 'NODE', id);
  }

  async flush(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.run('FLUSHALL')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }
}
