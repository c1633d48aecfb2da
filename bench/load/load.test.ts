import { describe, expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.ts';
import { Histogram } from './histogram.ts';
import { Odometer, requestTemplate } from './request.ts';
import { readWrk } from './wrk.ts';

const answer = (status: string, body: string, more = ''): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: x\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`,
  );

describe('the reader of answers', () => {
  const reader = () => new AnswerReader({ status: '202', bodyBegin: '{"accepted":2' });
  const right = answer('202 Accepted', '{"accepted":2,"duplicates":0}');

  it('takes one right answer after the other', () => {
    const one = reader();
    expect([one.take(right), one.take(right), one.take(right)]).toEqual(['right', 'right', 'right']);
  });

  it('takes an answer in pieces, wherever it is cut', () => {
    for (let at = 1; at < right.length; at++) {
      const one = reader();
      expect(one.take(right.subarray(0, at))).toBe('more');
      expect(one.take(right.subarray(at))).toBe('right');
      expect(one.take(right)).toBe('right');
    }
  });

  it('sees a wrong status, also in an answer as long as the right one', () => {
    const one = reader();
    one.take(right);
    const wrong = answer('503 Accepted', '{"accepted":2,"duplicates":0}');
    expect(wrong).toHaveLength(right.length);
    expect(one.take(wrong)).toBe('wrong');
    expect(one.wrong).toContain('503');
  });

  it('sees a refusal in the body and in the header', () => {
    expect(reader().take(answer('202 Accepted', '{"accepted":1,"duplicates":1}'))).toBe('wrong');
    const refused = answer('202 Accepted', '{"accepted":2}', 'x-turnpike-reason: late\r\n');
    expect(reader().take(refused)).toBe('wrong');
  });

  it('sees what should not be there', () => {
    expect(reader().take(Buffer.concat([right, right]))).toBe('wrong');
  });
});

describe('a request', () => {
  it('has a place for a number in each event’s id', () => {
    const campaigns = ['a', 'b'];
    const { bytes, holes } = requestTemplate({ kind: 'batch', campaigns, events: 500 }, 'run', 3);
    const body = JSON.parse(bytes.toString().split('\r\n\r\n')[1] as string) as { event_id: string }[];
    expect(new Set(body.map((event) => event.event_id)).size).toBe(500);
    // A conversion's transaction id holds its event id, and so is new as well.
    expect(holes.length).toBeGreaterThan(500);
  });

  it('of a pixel is whole', () => {
    const { bytes, holes } = requestTemplate({ kind: 'pixel', campaigns: ['a'] }, 'run', 0);
    expect(bytes.toString()).toMatch(/^GET \/p\.gif\?t=impression&c=a&\S+ HTTP\/1\.1\r\n(.+\r\n)+\r\n$/);
    expect(holes).toHaveLength(1);
  });

  it('counts through digits and letters', () => {
    const number = new Odometer();
    const seen = new Set<string>();
    for (let count = 0; count < 36 ** 2; count++) {
      seen.add(number.digits.toString());
      number.next();
    }
    expect(seen.size).toBe(36 ** 2);
    expect(number.digits.toString()).toBe('000100');
  });
});

describe('the histogram', () => {
  it('tells percentiles to a step', () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 100; ms++) histogram.add(ms);
    expect(histogram.percentile(0.5)).toBeCloseTo(50, 1);
    expect(histogram.percentile(0.99)).toBeCloseTo(99, 1);
    expect(histogram.most).toBe(100);
  });

  it('is 0 if there was nothing', () => {
    expect(new Histogram().percentile(0.5)).toBe(0);
  });
});

describe('what wrk prints', () => {
  const output = '  123456 requests in 2.00s, 20MB read\nRequests/sec:  61728.25\nTransfer/sec: 10MB\n';

  it('is read', () => {
    expect(readWrk(output)).toEqual({ answered: 123_456, perSecond: 61_728.25 });
  });

  it('is refused if requests failed, or it is something else', () => {
    expect(() => readWrk(`${output}  Non-2xx or 3xx responses: 3\n`)).toThrow('Non-2xx');
    expect(() => readWrk('unable to connect')).toThrow('unable to connect');
  });
});
