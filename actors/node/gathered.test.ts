import { describe, expect, test } from 'vitest';
import { Gathered } from './gathered.ts';

/** Items that are sent when the test says that the turn is over. */
function gathered() {
  const sent: (readonly string[])[] = [];
  const due: (() => void)[] = [];
  const items = new Gathered<string>(
    (send) => due.push(send),
    (together) => sent.push(together),
  );
  const endTurn = (): void => {
    for (const send of due.splice(0)) send();
  };
  return { items, sent, due, endTurn };
}

describe('what is gathered for another thread', () => {
  test('goes together at the end of the turn, in its order', () => {
    const { items, sent, due, endTurn } = gathered();
    for (const item of ['a', 'b', 'c']) items.add(item);
    expect(due).toHaveLength(1);
    expect(sent).toEqual([]);
    endTurn();
    expect(sent).toEqual([['a', 'b', 'c']]);
    items.add('d');
    endTurn();
    expect(sent).toEqual([['a', 'b', 'c'], ['d']]);
  });

  test('goes at once where something else is about to be sent, and no second time', () => {
    const { items, sent, endTurn } = gathered();
    items.add('a');
    items.flush();
    expect(sent).toEqual([['a']]);
    endTurn();
    items.flush();
    expect(sent).toEqual([['a']]);
  });
});
