/**
 * The parts of an account's state that are saved by themselves: each is encoded again only when it has changed, and
 * lies in a document of its own when it is large.
 *
 * Documents are written before the state that refers to them, and the two need not both get there. So what was
 * written is never changed: a part that is other than before gets a new document, named by the block, and the old
 * one is deleted with the next block, when nothing refers to it any more.
 */
import { type ActorDocument, type DocumentReader, missing } from '../actor.ts';

/** UTF-16 units up to which a part lies in the state itself. */
const INLINE_LENGTH = 4_096;

/** A part: in a document of the block that ended with `savedAt`; 0: in the state itself, as `text`. */
interface Part {
  readonly savedAt: number;
  readonly text: string;
}

/** What of the parts lies in the state: their keys, with the block of their documents or with what they are. */
export interface PartsJson {
  readonly parts: readonly (readonly [key: string, savedAt: number, inline: unknown])[];
  /** Documents that this state no longer needs: whoever has it may delete them. */
  readonly dropped: readonly string[];
}

export class Parts {
  readonly #parts = new Map<string, Part>();
  /** Documents that the last saved state does without. */
  #deletable: readonly string[] = [];
  #dropped: string[] = [];
  #documents: ActorDocument[] = [];

  /**
   * Notes what a part is from now on.
   *
   * @param json `undefined`: there is nothing of it
   * @param applied last sequence of the block that it is saved with
   */
  put(key: string, json: unknown, applied: number): void {
    const before = this.#parts.get(key);
    if (before && before.savedAt > 0) this.#dropped.push(documentName(key, before.savedAt));
    if (json === undefined) {
      this.#parts.delete(key);
      return;
    }
    const text = JSON.stringify(json);
    if (text.length <= INLINE_LENGTH) {
      this.#parts.set(key, { savedAt: 0, text });
      return;
    }
    this.#parts.set(key, { savedAt: applied, text: '' });
    this.#documents.push({ name: documentName(key, applied), value: Buffer.from(text) });
  }

  /** The documents that the block writes and deletes; to be called once for each block, before `encode`. */
  takeDocuments(): ActorDocument[] {
    const deletions = this.#deletable.map((name) => ({ name, value: undefined }));
    const documents = [...deletions, ...this.#documents];
    this.#deletable = this.#dropped;
    this.#dropped = [];
    this.#documents = [];
    return documents;
  }

  /** `PartsJson` as text. */
  encode(): string {
    const parts = [...this.#parts].map(
      ([key, { savedAt, text }]) => `[${JSON.stringify(key)},${savedAt},${savedAt > 0 ? 'null' : text}]`,
    );
    return `{"parts":[${parts.join(',')}],"dropped":${JSON.stringify(this.#deletable)}}`;
  }

  /**
   * Restores the parts; gives what each of them is, by its key.
   *
   * @throws Error if a document is missing: another owner has gone on meanwhile
   */
  static async load(
    { parts, dropped }: PartsJson,
    read: DocumentReader,
  ): Promise<{ readonly parts: Parts; readonly values: ReadonlyMap<string, unknown> }> {
    const restored = new Parts();
    const values = new Map<string, unknown>();
    for (const [key, savedAt, inline] of parts) {
      restored.#parts.set(key, { savedAt, text: savedAt > 0 ? '' : JSON.stringify(inline) });
      values.set(key, savedAt > 0 ? await readJson(documentName(key, savedAt), read) : inline);
    }
    restored.#deletable = dropped;
    return { parts: restored, values };
  }
}

function documentName(key: string, savedAt: number): string {
  return `${key}-${savedAt}`;
}

async function readJson(name: string, read: DocumentReader): Promise<unknown> {
  const { value } = (await read(name)) ?? missing(name);
  return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());
}
