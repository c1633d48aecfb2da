/** Fastify's validation by our own checker: one wording of faults for every protocol. */
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { TurnpikeError } from '../../../model/errors.ts';
import { checker } from '../../application/check.ts';

/** Part of a JSON Schema that is looked at here. */
interface ObjectSchema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
}

/** Compiles a route's schema to a function that gives the checked value, or the `TurnpikeError` that says why not. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = checker(schema, httpPart ?? 'request');
  const prepare = httpPart === 'querystring' ? withIntegers(schema) : withoutNeed(schema);
  return (value: unknown) => {
    try {
      return { value: check(prepare(value)) };
    } catch (error) {
      if (error instanceof TurnpikeError) return { error };
      throw error;
    }
  };
};

/** A query is text: where the schema wants a whole number, digits become one. */
function withIntegers(schema: ObjectSchema): (value: unknown) => unknown {
  const names = Object.entries(schema.properties ?? {}).flatMap(([name, { type }]) =>
    type === 'integer' ? [name] : [],
  );
  return (value) => {
    const query = value as Record<string, unknown>;
    for (const name of names) {
      const text = query[name];
      if (typeof text === 'string' && /^-?\d{1,9}$/.test(text)) query[name] = Number(text);
    }
    return query;
  };
}

/** A body in which nothing is required may be left out. */
function withoutNeed(schema: ObjectSchema): (value: unknown) => unknown {
  const needed = (schema.required ?? []).length > 0;
  return (value) => (value === null && !needed ? {} : value);
}
