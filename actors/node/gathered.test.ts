import { describe, expect, test } from 'vitest';
import { Gathered } from './gathered.ts';

/** Items that are sent when the test says that a turn is over. */
function gathered() {
  const sent: string[] = [];
  const looks: (() => void)[] = [];
  const items = new Gathered<string>(
    (look) => looks.push(look),
    (together) => sent.push(together.join('')),
  );
  const add = (text: string): void => {
    for (const item of text) items.add(item);
  };
  const endTurn = (): void => {
    for (const look of looks.splice(0)) look();
  };
  return { items, sent, looks, add, endTurn };
}

describe('what is gathered for another thread', () => {
  test('goes at the end of its turn where it is alone', () => {
    const { sent, add, endTurn } = gathered();
    for (const item of ['a', 'b']) {
      add(item);
      endTurn();
    }
    expect(sent).toEqual(['a', 'b']);
  });

  test('goes together, in its order, once a turn brings no more', () => {
    const { sent, looks, add, endTurn } = gathered();
    for (const turn of ['ab', 'c', '']) {
      add(turn);
      expect([looks.length, sent]).toEqual([1, []]);
      endTurn();
    }
    expect([looks.length, sent]).toEqual([0, ['abc']]);
  });

  test('goes after a few turns, even if each brings more', () => {
    const { sent, add, endTurn } = gathered();
    for (let turn = 0; turn < 8; turn++) {
      add('ab');
      endTurn();
    }
    expect(sent).toEqual(['abababab', 'abababab']);
  });

  test('goes at once where something else is about to be sent, and no second time', () => {
    const { items, sent, looks, add, endTurn } = gathered();
    add('a');
    items.flush();
    expect(sent).toEqual(['a']);
    add('b');
    expect(looks).toHaveLength(1);
    endTurn();
    endTurn();
    items.flush();
    expect(sent).toEqual(['a', 'b']);
  });
});
