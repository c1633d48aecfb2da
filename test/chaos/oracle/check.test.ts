import { describe, expect, test } from 'vitest';
import { Story } from './story.ts';

describe('the oracle of chaos', () => {
  test('finds nothing in a story without a fault', () => {
    const story = new Story();
    for (let i = 0; i < 3; i++) story.tell('clicks', 'click');
    const repeated = story.tell('clicks', 'impression');
    story.ledger.sending([repeated], 2_000);
    story.ledger.answer(repeated, { told: 'duplicate' }, 2_000);
    story.decide(repeated, 200);
    story.tell('sales', 'conversion', 100, { transactionId: 'order-1' });
    story.tell('sales', 'conversion', 201, { transactionId: 'order-1' });
    story.tell('tight', 'click');
    story.tell('tight', 'click');
    story.tell('tight', 'click', 400);
    story.happen('run-tight', 'budget.exhausted');
    expect(story.judge()).toEqual({ counted: 9, lost: 0, doubled: 0, overspent: 0n, violations: [] });
  });

  test.each(['accepted', 'duplicate', 'pending', 'stored', 'rejected'] as const)(
    'misses an event that was told to be %s and has no row',
    (told) => {
      const story = new Story();
      story.tell('clicks', 'click');
      story.send('clicks', 'click', { answer: { told } });
      expect(story.judge()).toMatchObject({ counted: 1, lost: 1, doubled: 0 });
    },
  );

  test('sees an event that is accepted twice', () => {
    const story = new Story();
    const event = story.tell('clicks', 'click');
    story.ledger.sending([event], 2_000);
    story.decide(event);
    expect(story.judge()).toMatchObject({ lost: 0, doubled: 1 });
  });

  test('sees a row that is in the warehouse twice', () => {
    const story = new Story();
    story.tell('clicks', 'click');
    story.rows.push({ ...(story.rows[0] as Story['rows'][number]) });
    expect(story.judge().doubled).toBeGreaterThan(0);
  });

  test('sees live figures that count more than there is', () => {
    const story = new Story();
    story.tell('clicks', 'click');
    story.liveExtra.set('run-clicks', { accepted: 2, received: 2, clicks: 2 });
    expect(story.judge()).toMatchObject({ lost: 0, doubled: 1 });
  });

  test('sees live figures that count less than there is', () => {
    const story = new Story();
    story.tell('clicks', 'click');
    story.liveExtra.set('run-clicks', { accepted: 0, received: 0, clicks: 0 });
    expect(story.judge()).toMatchObject({ lost: 1, doubled: 0 });
  });

  test('sees aggregates that differ from the live figures', () => {
    const story = new Story();
    story.tell('clicks', 'click');
    story.aggregateExtra.set('run-clicks', { impressions: 5 });
    expect(story.judge().violations).toEqual(['run-clicks: impressions is 0 live and 5 in the aggregates']);
  });

  test('sees what is spent beyond a cap', () => {
    const story = new Story();
    for (let i = 0; i < 3; i++) story.tell('tight', 'click');
    expect(story.judge()).toMatchObject({ lost: 0, doubled: 0, overspent: 250_000n });
  });

  test('sees what is spent beyond a cap on a day', () => {
    const story = new Story();
    for (let i = 0; i < 4; i++) story.tell('daily', 'click');
    (story.rows[3] as Story['rows'][number]).recordTime = 86_400_000;
    expect(story.judge()).toMatchObject({ overspent: 250_000n });
  });

  test('sees an exhausted budget that is told twice', () => {
    const story = new Story();
    story.tell('tight', 'click');
    story.tell('tight', 'click');
    for (let i = 0; i < 2; i++) story.happen('run-tight', 'budget.exhausted');
    expect(story.judge().violations).toEqual(['run-tight: budget.exhausted happened 2 times, not 1']);
  });

  test('sees something that has happened and is in the warehouse twice', () => {
    const story = new Story();
    story.happened.push(story.happened[0] as Story['happened'][number]);
    expect(story.judge().violations.join()).toContain('is in the warehouse twice');
  });

  test('sees a click that is refused although the budget has room', () => {
    const story = new Story();
    story.tell('tight', 'click');
    story.tell('tight', 'click', 400);
    expect(story.judge().violations).toEqual(['run-tight refused events for its budget at 250000 of 500000']);
  });

  test('sees an event that nobody sent', () => {
    const story = new Story();
    story.decide({ eventId: 'stranger', campaignId: 'run-clicks', type: 'click' });
    expect(story.judge().violations.join()).toContain('nobody sent');
  });

  test('sees more rows than deliveries', () => {
    const story = new Story();
    const event = story.tell('clicks', 'impression');
    story.decide(event, 200);
    expect(story.judge().violations.join()).toContain('was sent 1 times and has 2 rows');
  });

  test('sees a transaction that counts twice', () => {
    const story = new Story();
    for (let i = 0; i < 2; i++) story.tell('clicks', 'conversion', 100, { transactionId: 'order-1' });
    expect(story.judge().violations).toEqual(['run-clicks: transaction order-1 counted 2 times']);
  });

  test('sees a transaction that does not count at all', () => {
    const story = new Story();
    story.tell('clicks', 'conversion', 201, { transactionId: 'order-1' });
    expect(story.judge().violations.join()).toContain('transaction order-1 did not count');
  });

  test('sees a click that converts twice for a goal', () => {
    const story = new Story();
    for (let i = 0; i < 2; i++)
      story.tell('clicks', 'conversion', 100, { clickEventId: 'click-1', goal: 'sale' });
    expect(story.judge().violations).toEqual(['run-clicks: click click-1 with goal sale counted 2 times']);
  });

  test('sees a decision that is not what a postback was told', () => {
    const story = new Story();
    const answer = { told: 'accepted', reason: 'accepted', decisionId: '0-1-0' } as const;
    story.tell('clicks', 'conversion', 201, { answer });
    expect(story.judge().violations.join()).toContain('was told accepted for 0-1-0');
  });

  test('sees a click that is counted under another click id than was told', () => {
    const story = new Story();
    const clickIdOf = (nonce: number): string =>
      Buffer.from([1, ...new Array<number>(6).fill(0), ...new Array<number>(8).fill(nonce)]).toString(
        'base64url',
      );
    const event = story.send('clicks', 'click', { answer: { told: 'accepted', clickId: clickIdOf(1) } });
    story.decide(event).clickId = clickIdOf(2);
    expect(story.judge().violations.join()).toContain('was told to be click');
  });

  test('sees an event that is accepted while its campaign is paused', () => {
    const story = new Story();
    const command = { key: 'key', answer: '200' };
    story.commands.push({ ...command, verb: 'pause', firstSentAt: 100, answeredAt: 200 });
    story.commands.push({ ...command, verb: 'resume', firstSentAt: 900, answeredAt: 1_000 });
    story.happen('run-paused', 'campaign.paused');
    story.happen('run-paused', 'campaign.resumed');
    story.tell('paused', 'click', 100, { at: 50 });
    expect(story.judge().violations).toEqual([]);
    story.tell('paused', 'click', 100, { at: 500 });
    expect(story.judge().violations).toEqual(['event-1 was accepted, though run-paused was paused']);
  });

  test('sees a command that was carried out twice, or not at all', () => {
    const story = new Story();
    story.commands.push({ verb: 'pause', key: 'key', answer: '200', firstSentAt: 100, answeredAt: 200 });
    expect(story.judge().violations).toEqual([
      'run-paused: its commands were pause, what happened was nothing',
    ]);
    for (let i = 0; i < 2; i++) story.happen('run-paused', 'campaign.paused');
    expect(story.judge().violations).toEqual([
      'run-paused: its commands were pause, what happened was pause, pause',
    ]);
  });

  test('sees an event that is rejected although its campaign runs', () => {
    const story = new Story();
    story.tell('clicks', 'click', 302);
    expect(story.judge().violations.join()).toContain('was rejected, though run-clicks was running');
  });

  test('passes on what was wrong while the run went on', () => {
    const story = new Story();
    story.ledger.complain('a collector answered 500');
    expect(story.judge().violations).toEqual(['a collector answered 500']);
  });
});
