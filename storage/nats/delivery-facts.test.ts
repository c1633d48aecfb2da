import { describe, expect, test } from 'vitest';
import { deliveryOf } from './delivery-facts.ts';

describe('what JetStream says of a message', () => {
  const facts = { sequence: 7, delivery: 3, time: 1_795_332_352_924 };

  test('is read from the short form and from the long one', () => {
    expect(deliveryOf('$JS.ACK.log-0.Sq38I6GW.1.7.3.1795332352924832539.0')).toEqual(facts);
    expect(deliveryOf('$JS.ACK._.hash.log-0.Sq38I6GW.1.7.3.1795332352924832539.0')).toEqual(facts);
    expect(deliveryOf('$JS.ACK.hub.hash.log-0.Sq38I6GW.1.7.3.1795332352924832539.0.random')).toEqual(facts);
  });

  test('is not guessed', () => {
    for (const reply of ['', '_INBOX.x', '$JS.ACK.log-0.c.1.x.3.1795332352924832539.0'])
      expect(() => deliveryOf(reply)).toThrow('reply subject');
  });
});
