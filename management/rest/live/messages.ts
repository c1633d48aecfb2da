/** The messages of the live feed, as JSON. */
import { limits } from '../../../limits.ts';
import { isObject } from '../../application/merge-patch.ts';
import { refuse, Violations } from '../../application/violations.ts';
import { problemOf } from '../http/problem.ts';
import { type Message, type Topic, topicOf } from './topics.ts';

/** Each state is written once, however many are told of it. */
const texts = new WeakMap<Message, string>();

/** @param isFirst whether the client is told of the topic for the first time */
export function updateText(message: Message, isFirst: boolean): string {
  if (isFirst) return write(message, true);
  let text = texts.get(message);
  if (text === undefined) {
    text = write(message, false);
    texts.set(message, text);
  }
  return text;
}

function write({ type, topic, of, sequence, data }: Message, snapshot: boolean): string {
  return JSON.stringify({ type, topic, ...of, sequence, snapshot, data });
}

/** Why a topic is not followed, or what was wrong with a message: the same problem that REST answers. */
export function problemText(error: unknown, topic?: string): string {
  const { body } = problemOf(error, { mutating: false, conditional: false });
  return JSON.stringify({ type: 'error', ...(topic !== undefined && { topic }), problem: JSON.parse(body) });
}

/** What a client may ask. */
export interface Order {
  readonly type: 'subscribe' | 'unsubscribe';
  readonly topics: readonly Topic[];
}

/** The order in a client's message. @throws TurnpikeError `invalid_argument` with everything that is wrong with it */
export function orderOf(text: string): Order {
  const violations = new Violations();
  const { type, topics } = parsed(text);
  if (type !== 'subscribe' && type !== 'unsubscribe')
    violations.add('type', 'must be subscribe or unsubscribe');
  const isList = Array.isArray(topics) && topics.length > 0 && topics.length <= limits.liveTopics;
  if (!isList) violations.add('topics', `must be a list of 1 to ${limits.liveTopics} topics`);
  const found = (isList ? topics : []).flatMap((name: unknown, index: number) => {
    const topic = typeof name === 'string' ? topicOf(name) : undefined;
    if (!topic) violations.add(`topics[${index}]`, 'must be campaign:<id> or partner:<id>');
    return topic ?? [];
  });
  violations.refuse();
  return { type: type as Order['type'], topics: found };
}

function parsed(text: string): { readonly type?: unknown; readonly topics?: unknown } {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    refuse([{ field: 'message', description: 'must be JSON' }]);
  }
  return isObject(message) ? message : refuse([{ field: 'message', description: 'must be an object' }]);
}
