/** Enum values as the words that the application knows. */

/** A generated enum: names by number and numbers by name. */
type ProtoEnum = Readonly<Record<number, string>>;

/** The name of a value; `undefined` for UNSPECIFIED; for an unknown number its digits, which no rule accepts. */
export function wordOf(names: ProtoEnum, value: number): string | undefined {
  return value === 0 ? undefined : (names[value] ?? String(value));
}
