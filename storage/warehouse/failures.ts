/** What the failures of the warehouse mean to its callers, in one place. */
import { TurnpikeError } from '../../model/errors.ts';

/**
 * Codes of ClickHouse that say that the statement or its data is wrong: a bug of ours, which no repetition
 * mends. (From `ErrorCodes.cpp` of ClickHouse.)
 */
const BUGS = new Set([
  6, // CANNOT_PARSE_TEXT
  16, // NO_SUCH_COLUMN_IN_TABLE
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  33, // CANNOT_READ_ALL_DATA
  36, // BAD_ARGUMENTS
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  42, // NUMBER_OF_ARGUMENTS_DOESNT_MATCH
  43, // ILLEGAL_TYPE_OF_ARGUMENT
  46, // UNKNOWN_FUNCTION
  47, // UNKNOWN_IDENTIFIER
  53, // TYPE_MISMATCH
  62, // SYNTAX_ERROR
  72, // CANNOT_PARSE_NUMBER
  115, // UNKNOWN_SETTING
  117, // INCORRECT_DATA
  131, // TOO_LARGE_STRING_SIZE
  164, // READONLY
  215, // NOT_AN_AGGREGATE
  386, // NO_COMMON_TYPE
  456, // UNKNOWN_QUERY_PARAMETER
  457, // BAD_QUERY_PARAMETER
]);

/** Codes that say that it took too long. */
const TIMEOUTS = new Set([
  159, // TIMEOUT_EXCEEDED
  160, // TOO_SLOW
  209, // SOCKET_TIMEOUT
]);

/**
 * @param signal the one that bounded the operation
 * @returns `deadline_exceeded` or `unavailable`; a bug stays what it is
 */
export function warehouseFailure(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof TurnpikeError) return error;
  const code = clickHouseCode(error);
  if (signal.aborted || (code !== undefined && TIMEOUTS.has(code)) || isTimeout(error))
    return failure('deadline_exceeded', 'the warehouse did not answer in time', error);
  if (code !== undefined && BUGS.has(code)) return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return failure('unavailable', `the warehouse is not available: ${text}`, error);
}

/** The server's code. The two engines throw errors of different classes; both carry it as a text. */
function clickHouseCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const code = Number(error.code);
  return Number.isInteger(code) ? code : undefined;
}

function failure(code: 'deadline_exceeded' | 'unavailable', message: string, cause: unknown): TurnpikeError {
  return new TurnpikeError({ code, message }, { cause });
}

/** The client's own time-out is told apart by its text only. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Timeout error.';
}
