/**
 * Finds where answers end in what comes over a connection, and whether they are right, with as little work as
 * that takes: an answer that is as long as the last right one, in one piece and with its status, is taken to
 * be like it. The server's own figures are what decides in the end.
 */
import type { RequestTemplate } from './request.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
/** Where the status stands: after `HTTP/1.1 `. */
const STATUS_AT = 9;

export type Progress = 'more' | 'right' | 'wrong';

export class AnswerReader {
  /** What the last answer was, where it was wrong. */
  wrong = '';
  readonly #status: string;
  readonly #statusBytes: Buffer;
  readonly #bodyBegin: Buffer;
  #usualLength = -1;
  #pieces: Buffer[] = [];
  /** Bytes of the body that are still to come; −1 while the head is not complete. */
  #missing = -1;
  #isRight = true;

  constructor({ status, bodyBegin }: Pick<RequestTemplate, 'status' | 'bodyBegin'>) {
    this.#status = status;
    this.#statusBytes = Buffer.from(status);
    this.#bodyBegin = Buffer.from(bodyBegin);
  }

  /** Takes the next piece of the answer. */
  take(chunk: Buffer): Progress {
    if (this.#missing > 0) return this.#takeBody(chunk.length);
    if (chunk.length === this.#usualLength && this.#pieces.length === 0 && this.#hasStatus(chunk))
      return 'right';
    this.#pieces.push(chunk);
    const bytes = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces);
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return 'more';
    const begin = headEnd + HEAD_END.length;
    const head = bytes.toString('latin1', 0, begin);
    const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
    if (bytes.length < begin + Math.min(length, this.#bodyBegin.length)) return 'more';
    const body = bytes.subarray(begin, begin + this.#bodyBegin.length);
    this.#isRight =
      head.startsWith(this.#status, STATUS_AT) &&
      !/\r\nx-turnpike-reason: /i.test(head) &&
      body.equals(this.#bodyBegin);
    if (!this.#isRight) this.wrong = bytes.toString('utf8', 0, 500);
    else if (bytes.length === begin + length) this.#usualLength = bytes.length;
    this.#pieces = [];
    this.#missing = begin + length;
    return this.#takeBody(bytes.length);
  }

  #takeBody(bytes: number): Progress {
    this.#missing -= bytes;
    if (this.#missing > 0) return 'more';
    if (this.#missing < 0) {
      this.wrong = `${-this.#missing} bytes more than the answer has`;
      this.#isRight = false;
    }
    this.#missing = -1;
    return this.#isRight ? 'right' : 'wrong';
  }

  #hasStatus(chunk: Buffer): boolean {
    for (let i = 0; i < 3; i++) if (chunk[STATUS_AT + i] !== this.#statusBytes[i]) return false;
    return true;
  }
}
