import { describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import type { CampaignView } from '../../model/campaign.ts';
import { KnownAnswers, ToldAnswers } from './known-answers.ts';
import { Requests } from './requests.ts';
import type { Asked, Question, Reply } from './thread-messages.ts';

const question = (actorId: string): Question => ({ kind: 'query', sequence: 1, actorId, query: 'campaign' });
const view = (name: string) => ({ name }) as CampaignView;

/** The main thread and another one, which answers with what the test says. */
function threads() {
  const [requests, known, told] = [new Requests(1_000), new KnownAnswers(), new ToldAnswers()];
  const asked: Asked[] = [];
  const put = (actorId: string): Promise<unknown> => {
    const mine = known.of(question(actorId));
    return requests.ask(
      0,
      (id) => asked.push({ id, partition: 0, question: question(actorId), known: mine?.as ?? 0 }),
      mine,
    );
  };
  /** Replies to the first that was asked. */
  const reply = (value: CampaignView | undefined): Reply => {
    const made = structuredClone(told.reply(asked.shift() as Asked, value));
    requests.reply(made);
    return made;
  };
  const ask = async (actorId: string, value: CampaignView | undefined) => {
    const answer = put(actorId);
    const made = reply(value);
    return { answer: await answer, isTold: 'value' in made };
  };
  return { put, reply, ask };
}

describe('an answer that is known', () => {
  test('is not told again while it is the same object', async () => {
    const { ask } = threads();
    const same = view('spring');
    const first = await ask('a', same);
    const second = await ask('a', same);
    expect([first, second]).toEqual([
      { answer: same, isTold: true },
      { answer: same, isTold: false },
    ]);
    expect(second.answer).toBe(first.answer);
  });

  test('is told anew when another object has come in its place', async () => {
    const { ask } = threads();
    await ask('a', view('spring'));
    expect(await ask('a', view('summer'))).toEqual({ answer: view('summer'), isTold: true });
  });

  test('is not given for an actor that is gone', async () => {
    const { ask } = threads();
    const same = view('spring');
    await ask('a', same);
    expect(await ask('a', undefined)).toEqual({ answer: undefined, isTold: false });
    expect((await ask('a', same)).answer).toEqual(same);
  });

  test('is the one of its time to questions under way while it changes', async () => {
    const { put, reply, ask } = threads();
    const [before, after] = [view('spring'), view('summer')];
    await ask('a', before);
    const answers = [put('a'), put('a'), put('a')];
    for (const value of [before, after, after]) reply(value);
    expect(await Promise.all(answers)).toEqual([before, after, after]);
    expect(await ask('a', after)).toEqual({ answer: after, isTold: false });
  });

  test('is forgotten on both sides when so many others were asked for', async () => {
    const { ask } = threads();
    const same = view('spring');
    await ask('a', same);
    for (let i = 0; i < limits.knownAnswers; i++) await ask(`other-${i}`, view('other'));
    expect(await ask('a', same)).toEqual({ answer: same, isTold: true });
  });

  test('is told to a thread that asks for the first time, whatever another has been told', () => {
    const told = new ToldAnswers();
    const same = view('spring');
    told.reply({ id: 1, partition: 0, question: question('a') }, same);
    expect(told.reply({ id: 2, partition: 0, question: question('a') }, same)).toMatchObject({ value: same });
  });

  test('is asked for anew if it is not there after all', async () => {
    const requests = new Requests(1_000);
    const answer = requests.ask(0, () => undefined, { as: 3, value: view('spring') });
    requests.reply({ id: 1, as: 2 });
    await expect(answer).rejects.toMatchObject({ failure: { code: 'unavailable' } });
  });
});
