/** What every engine of `storage/calls` does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TurnpikeError } from '../../model/errors.ts';
import type { Calls } from '../../storage/calls/port.ts';
import { waitFor } from '../support/wait.ts';

export interface CallsUnderTest {
  /** The calls as one process has them. */
  open(): Promise<Calls>;
  /** Ends everything that was opened. */
  close(): Promise<void>;
}

const SECOND = 1_000;

export function describeCalls(name: string, start: () => Promise<CallsUnderTest>): void {
  describe(`${name}: calls`, () => {
    let engine: CallsUnderTest;
    let asking: Calls;
    let serving: Calls;
    beforeEach(async () => {
      engine = await start();
      asking = await engine.open();
      serving = await engine.open();
    });
    afterEach(() => engine?.close());

    /** Asks until somebody serves the partition: that they do is not known everywhere at once. */
    const answerOf = (partition: number, question: unknown): Promise<{ value: unknown }> =>
      waitFor('an answer', async () => ({ value: await asking.ask(partition, question, SECOND) }));

    test('bring a question to whoever serves the partition, and the answer back', async () => {
      serving.serve(3, async (question) => ({ question, by: 'three' }));
      serving.serve(4, async (question) => ({ question, by: 'four' }));
      expect(await answerOf(3, { number: 1n, list: [1, 'two', undefined] })).toEqual({
        value: { question: { number: 1n, list: [1, 'two', undefined] }, by: 'three' },
      });
      expect(await answerOf(4, 'x')).toEqual({ value: { question: 'x', by: 'four' } });
    });

    test('keep many questions apart', async () => {
      serving.serve(0, async (question) => {
        // The later ones are answered first.
        await new Promise((resolve) => setTimeout(resolve, 200 - (question as number)));
        return (question as number) * 2;
      });
      await answerOf(0, 0);
      const questions = Array.from({ length: 200 }, (_, number) => number);
      const answers = await Promise.all(questions.map((number) => asking.ask(0, number, 10 * SECOND)));
      expect(answers).toEqual(questions.map((number) => number * 2));
    });

    test('carry an answer that is nothing', async () => {
      serving.serve(0, async () => undefined);
      expect(await answerOf(0, 'x')).toEqual({ value: undefined });
    });

    test('carry a failure as it is', async () => {
      const failure = { code: 'failed_precondition', message: 'not now', state: 'DRAFT' } as const;
      serving.serve(0, async () => {
        throw new TurnpikeError(failure);
      });
      await waitFor('the failure', async () => {
        const error = await asking.ask(0, 'x', SECOND).catch((thrown: unknown) => thrown);
        if ((error as TurnpikeError).failure.code === 'unavailable') return undefined;
        expect(error).toMatchObject({ failure });
        return true;
      });
    });

    test('say at once that nobody serves a partition', async () => {
      await expect(asking.ask(7, 'x', 60 * SECOND)).rejects.toMatchObject({
        failure: { code: 'unavailable' },
      });
      const stop = serving.serve(7, async () => 'here');
      await answerOf(7, 'x');
      stop();
      await waitFor('nobody to be there', async () => {
        const error = await asking.ask(7, 'x', SECOND).catch((thrown: unknown) => thrown);
        return error instanceof TurnpikeError && error.failure.code === 'unavailable';
      });
    });

    test('give up waiting for one that does not answer', async () => {
      let isHanging = false;
      serving.serve(0, async () => {
        if (isHanging) await new Promise(() => undefined);
      });
      await answerOf(0, 'x');
      isHanging = true;
      await expect(asking.ask(0, 'x', 50)).rejects.toMatchObject({ failure: { code: 'deadline_exceeded' } });
    });

    test('take the first answer while two serve a partition', async () => {
      const second = await engine.open();
      let asked = 0;
      serving.serve(0, async () => {
        asked++;
        return new Promise(() => undefined);
      });
      second.serve(0, async () => 'second');
      await waitFor('both to be asked', async () => {
        expect(await asking.ask(0, 'x', SECOND)).toBe('second');
        return asked > 0;
      });
    });

    test('bring news to all who listen, and to the teller', async () => {
      const heard: [string, unknown][] = [];
      serving.listen((news) => heard.push(['serving', news]));
      const stop = asking.listen((news) => heard.push(['asking', news]));
      await waitFor('both to hear', () => {
        serving.announce({ name: 'first' });
        return new Set(heard.map(([who]) => who)).size === 2;
      });
      expect(heard[0]?.[1]).toEqual({ name: 'first' });
      stop();
      await waitFor('one to hear no more', () => {
        heard.length = 0;
        serving.announce({ name: 'second' });
        return new Promise<boolean>((resolve) =>
          setTimeout(() => resolve(heard.length === 1 && heard[0]?.[0] === 'serving'), 50),
        );
      });
    });
  });
}
