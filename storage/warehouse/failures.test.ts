import { ClickHouseError } from '@clickhouse/client';
import { describe, expect, test } from 'vitest';
import { TurnpikeError } from '../../model/errors.ts';
import { warehouseFailure } from './failures.ts';

const inTime = new AbortController().signal;
const outOfTime = AbortSignal.abort();
const serverError = (code: string): Error =>
  new ClickHouseError({ message: 'of the server', code, type: 'TYPE' });
const codeOf = (error: unknown, signal = inTime): string | undefined => {
  const failure = warehouseFailure(error, signal);
  return failure instanceof TurnpikeError ? failure.failure.code : undefined;
};

describe('a failure of the warehouse', () => {
  test('is `unavailable` where the server cannot be reached or cannot work', () => {
    expect(codeOf(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toBe('unavailable');
    expect(codeOf(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toBe('unavailable');
    // MEMORY_LIMIT_EXCEEDED, TOO_MANY_PARTS, NOT_ENOUGH_SPACE, UNKNOWN_TABLE, AUTHENTICATION_FAILED
    for (const code of ['241', '252', '243', '60', '516'])
      expect(codeOf(serverError(code))).toBe('unavailable');
  });

  test('is `deadline_exceeded` where it took too long, whoever noticed', () => {
    expect(codeOf(serverError('159'))).toBe('deadline_exceeded');
    expect(codeOf(new Error('Timeout error.'))).toBe('deadline_exceeded');
    expect(codeOf(new Error('aborted'), outOfTime)).toBe('deadline_exceeded');
  });

  test('stays what it is where the statement or its rows are wrong: a bug', () => {
    const syntax = serverError('62');
    expect(warehouseFailure(syntax, inTime)).toBe(syntax);
    const type = new TypeError('of ours');
    expect(warehouseFailure(type, inTime)).toBe(type);
  });

  test('names its cause', () => {
    const cause = serverError('241');
    expect(warehouseFailure(cause, inTime)).toMatchObject({
      cause,
      message: expect.stringContaining('of the server'),
    });
  });
});
