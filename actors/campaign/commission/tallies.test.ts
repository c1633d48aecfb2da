import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../limits.ts';
import { CAP_PERIODS } from '../../../model/campaign.ts';
import type { ActorDocument } from '../../actor.ts';
import { type DroppedSet, deletionsOf } from '../../memory/paged-set.ts';
import type { ReadDocument } from '../../stored.ts';
import { NOON } from '../../test-support.ts';
import { type FoundTally, Tallies, type TalliesJson, type TallyKey } from './tallies.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** One more event of a partner. */
function add(tallies: Tallies, { period, rule, partnerId }: TallyKey, time: number): void {
  tallies.open(time);
  const { key, tally } = tallies.find(period, rule, partnerId);
  tallies.put({ key, tally: { ...tally, count: tally.count + 1n, rest: BigInt(time) } }, time, 'UTC');
}

/** A campaign's tallies and what is saved of them, block by block. */
class Saved {
  tallies = new Tallies();
  readonly #documents = new Map<string, ReadDocument>();
  #state: { json: TalliesJson; applied: number; deletable: readonly DroppedSet[] } = {
    json: { last: 0, periods: [] },
    applied: 0,
    deletable: [],
  };

  get documents(): readonly string[] {
    return [...this.#documents.keys()];
  }

  /** Saves a block: of its documents only the first `written`, and then not the state either. */
  save(applied: number, written = Number.POSITIVE_INFINITY): void {
    const documents: ActorDocument[] = deletionsOf(this.#state.deletable);
    const deletable = this.tallies.takeDropped();
    documents.push(...this.tallies.takeChanges(applied));
    for (const { name, value } of documents.slice(0, written))
      if (value === undefined) this.#documents.delete(name);
      else this.#documents.set(name, { value, revision: 1 });
    if (written === Number.POSITIVE_INFINITY)
      this.#state = { json: this.tallies.toJson(), applied, deletable };
  }

  /** What the next owner finds. */
  async restore(): Promise<void> {
    this.tallies = new Tallies();
    const { json, applied } = this.#state;
    await this.tallies.load(json, applied, async (name) => this.#documents.get(name));
  }
}

const PARTNERS = 2 * limits.talliesPerPage + 20;
const step = fc.record({
  period: fc.constantFrom(...CAP_PERIODS),
  rule: fc.constantFrom('', 'shoes'),
  partner: fc.nat(PARTNERS),
  hours: fc.integer({ min: 0, max: 20 }),
});

describe('tallies', () => {
  it('are restored as they were with the state, wherever a commit has stopped', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ steps: fc.array(step, { maxLength: 12 }), stops: fc.option(fc.nat(6)) }), {
          maxLength: 12,
        }),
        async (blocks) => {
          const straight = new Saved();
          const crashing = new Saved();
          let time = NOON;
          // Several pages of a period that does not end.
          for (let partner = 0; partner < PARTNERS; partner += 3)
            for (const { tallies } of [straight, crashing])
              add(tallies, { period: 'total', rule: '', partnerId: `p${partner}` }, time);
          for (const { tallies } of [straight, crashing]) tallies.open(time);
          straight.save(1);
          crashing.save(1);
          for (const [index, { steps, stops }] of blocks.entries()) {
            const applied = 2 + index;
            const began = time;
            const run = (tallies: Tallies): void => {
              time = began;
              for (const { period, rule, partner, hours } of steps) {
                time += hours * HOUR;
                add(tallies, { period, rule, partnerId: `p${partner}` }, time);
              }
            };
            if (stops !== null) {
              run(crashing.tallies);
              crashing.save(applied, stops);
              await crashing.restore();
            }
            run(crashing.tallies);
            run(straight.tallies);
            crashing.save(applied);
            straight.save(applied);
          }
          await crashing.restore();
          expect(crashing.tallies.toJson()).toEqual(straight.tallies.toJson());
          for (const period of CAP_PERIODS)
            for (const rule of ['', 'shoes'])
              for (let partner = 0; partner <= PARTNERS; partner++) {
                const find = ({ tallies }: Saved): FoundTally => tallies.find(period, rule, `p${partner}`);
                expect(find(crashing)).toEqual(find(straight));
              }
        },
      ),
      { numRuns: 50 },
    ));

  it('are written again only where something has changed', () => {
    const { tallies } = new Saved();
    const of = (partner: number): TallyKey => ({ period: 'total', rule: '', partnerId: `p${partner}` });
    for (let partner = 0; partner < 3 * limits.talliesPerPage; partner++) add(tallies, of(partner), NOON);
    expect(tallies.takeChanges(1)).toHaveLength(3);
    expect(tallies.takeChanges(2)).toEqual([]);
    add(tallies, of(limits.talliesPerPage), NOON);
    expect(tallies.takeChanges(3).map(({ name }) => name)).toEqual(['tallies-1/1']);
  });

  it('of a period that is over are deleted, with the commit after the first one that does without', () => {
    const saved = new Saved();
    const ana: TallyKey = { period: 'day', rule: '', partnerId: 'ana' };
    add(saved.tallies, ana, NOON);
    saved.save(1);
    expect(saved.documents).toEqual(['tallies-1/0']);
    add(saved.tallies, ana, NOON + DAY);
    saved.save(2);
    expect(saved.documents).toEqual(['tallies-1/0', 'tallies-2/0']);
    saved.save(3);
    expect(saved.documents).toEqual(['tallies-2/0']);
  });

  it('are dropped in one order, also by an owner that has restored them', async () => {
    const saved = new Saved();
    const ana = (period: TallyKey['period']): TallyKey => ({ period, rule: '', partnerId: 'ana' });
    add(saved.tallies, ana('total'), NOON);
    add(saved.tallies, ana('day'), NOON);
    saved.save(1);
    const straight = saved.tallies;
    await saved.restore();
    for (const tallies of [straight, saved.tallies]) tallies.clear();
    expect(saved.tallies.takeDropped()).toEqual(straight.takeDropped());
  });

  it('are missed where their pages do not hold them', async () => {
    const tallies = new Tallies();
    const json: TalliesJson = { last: 1, periods: [['day', 1, NOON, 2]] };
    await expect(tallies.load(json, 1, async () => undefined)).rejects.toThrow('tallies-1/0 is missing');
    const value = Buffer.from('{"applied":1,"rows":[["","ana","1","0","0","0"]],"before":[]}');
    await expect(tallies.load(json, 1, async () => ({ value, revision: 1 }))).rejects.toThrow(
      'of 2 tallies only 1',
    );
  });
});
