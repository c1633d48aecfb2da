/** Calls within one process: the embedded engine. */
import { failureOf, TurnpikeError } from '../../model/errors.ts';
import { nobodyServes, notInTime } from './failures.ts';
import type { Answer, Calls } from './port.ts';

export function openLocalCalls(): Calls {
  const servers = new Map<number, Set<Answer>>();
  const listeners = new Set<(news: unknown) => void>();
  return {
    serve(partition, answer) {
      const serving = servers.get(partition) ?? new Set();
      servers.set(partition, serving);
      serving.add(answer);
      return () => void serving.delete(answer);
    },

    ask(partition, question, withinMs) {
      const serving = [...(servers.get(partition) ?? [])];
      if (serving.length === 0) return Promise.reject(nobodyServes(partition));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(notInTime(partition)), withinMs);
        for (const answer of serving)
          answer(question).then(
            (value) => {
              clearTimeout(timer);
              resolve(value);
            },
            (error: unknown) => {
              clearTimeout(timer);
              reject(new TurnpikeError(failureOf(error)));
            },
          );
      });
    },

    announce(news) {
      for (const hear of listeners) hear(news);
    },

    listen(hear) {
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },

    async close() {
      servers.clear();
      listeners.clear();
    },
  };
}
