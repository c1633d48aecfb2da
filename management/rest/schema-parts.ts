/** Parts that schemas are made of. */
import { type Static, type TSchema, Type } from 'typebox';

/** A word of a fixed set. */
export function words<W extends string>(values: readonly W[], description?: string) {
  return Type.Unsafe<W>({ type: 'string', enum: values, ...(description && { description }) });
}

/** A reference to a schema that has a name, so that the documentation holds it once. */
export function shared<T extends TSchema>(schema: T & { readonly $id?: string }) {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}

export const instant = (description: string) => Type.String({ format: 'date-time', description });
export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const Money = Type.Object({
  amount: Type.String({ description: 'Exact decimal, in units of the currency.', examples: ['12.50'] }),
  currency: Type.String({ description: 'ISO 4217 code.', examples: ['USD'] }),
});
