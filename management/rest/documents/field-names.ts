/** Names of fields in the requests of the documents: the variants in which they are written become one. */
import { withoutAccents } from './campaign-words.ts';

/** By name: others that stand for it. All without accents, in lower case. */
export type Names = Readonly<Record<string, readonly string[]>>;

export type Fields = Readonly<Record<string, unknown>>;

/** The name itself goes before what stands for it. */
export function named(body: Fields, names: Names): Fields {
  const found = new Map<string, unknown>();
  for (const [name, value] of Object.entries(body)) {
    if (value === null) continue;
    const word = snakeCase(name);
    const own = Object.hasOwn(names, word)
      ? word
      : Object.keys(names).find((own) => names[own]?.includes(word));
    if (own === undefined) found.set(name, value);
    else if (own === word || !found.has(own)) found.set(own, value);
  }
  return Object.fromEntries(found);
}

/** `idCampaña` → `id_campana` */
function snakeCase(name: string): string {
  return withoutAccents(name)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
