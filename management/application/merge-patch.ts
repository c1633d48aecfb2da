/** Merge patches (RFC 7396): a member's new value, or `null` to take it away; objects are merged. */

/** Objects lie no deeper in a campaign; what does is taken as it is. */
const DEPTH = 3;

export type JsonObject = Readonly<Record<string, unknown>>;

/** `target` with the patch applied; neither is changed. */
export function merged(target: JsonObject, patch: JsonObject, depth = DEPTH): JsonObject {
  const result: Record<string, unknown> = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (isObject(value) && depth > 1)
      result[name] = merged(isObject(result[name]) ? result[name] : {}, value, depth - 1);
    else result[name] = value;
  }
  return result;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
