import { describe, expect, test } from 'vitest';
import { Window } from './window.ts';

describe('a window', () => {
  test('lets in at once what fits', () => {
    const window = new Window(100, 3);
    expect(window.enter(60)).toBeUndefined();
    expect(window.enter(40)).toBeUndefined();
    expect(window.enter(0)).toBeUndefined();
    expect(window.enter(0)).toBeInstanceOf(Promise);
  });

  test('lets in the others in the order in which they came, however small', async () => {
    const window = new Window(100, 10);
    const entered: string[] = [];
    const enter = (name: string, bytes: number): void => {
      void (window.enter(bytes) ?? Promise.resolve()).then(() => entered.push(name));
    };
    enter('first', 80);
    enter('large', 90);
    enter('small', 1);
    await new Promise(setImmediate);
    expect(entered).toEqual(['first']);
    window.leave(80);
    await new Promise(setImmediate);
    expect(entered).toEqual(['first', 'large', 'small']);
  });

  test('lets in alone what is larger than itself', async () => {
    const window = new Window(100, 10);
    expect(window.enter(500)).toBeUndefined();
    const next = window.enter(500);
    expect(next).toBeInstanceOf(Promise);
    window.leave(500);
    await next;
    expect(window.enter(1)).toBeInstanceOf(Promise);
  });
});
