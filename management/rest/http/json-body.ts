/** Reads JSON bodies, and says where a malformed one goes wrong. */
import { TurnpikeError } from '../../../model/errors.ts';

/** `application/json` and its relatives, such as `application/problem+json`. */
export const JSON_MEDIA_TYPE = /^application\/(?:[\w.-]+\+)?json$/;

/** Longest text in which the place of an error is looked for: it takes a few parses more. */
const SEARCHED_LENGTH = 65_536;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The value of a JSON body; `undefined` for an empty one.
 *
 * @throws TurnpikeError `invalid_argument`
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let text: string;
  try {
    text = decoder.decode(body);
  } catch (cause) {
    throw malformed('the body is not valid UTF-8', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const position = positionOf(text, cause as SyntaxError);
    throw malformed(
      `the body is not valid JSON${position === undefined ? '' : ` at position ${position}`}`,
      cause,
    );
  }
}

function malformed(message: string, cause: unknown): TurnpikeError {
  return new TurnpikeError({ code: 'invalid_argument', message }, { cause });
}

/** The engine tells the position of most errors; where it does not, it is found by parsing beginnings of the text. */
function positionOf(text: string, error: SyntaxError): number | undefined {
  const told = /at position (\d+)/.exec(error.message)?.[1];
  if (told !== undefined) return Number(told);
  if (!isUnexpectedToken(error.message)) return text.length;
  if (text.length > SEARCHED_LENGTH) return undefined;
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUnexpectedToken(messageFor(text.slice(0, middle)))) bad = middle;
    else good = middle;
  }
  return bad - 1;
}

function isUnexpectedToken(message: string): boolean {
  return message.startsWith('Unexpected token');
}

function messageFor(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return (error as SyntaxError).message;
  }
}
