/** Checks what a client sent against a schema and says of each fault where it is and what would be right. */
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import type { FieldViolation } from '../../model/errors.ts';
import { refuse } from './violations.ts';

/**
 * A function that gives the value back as what the schema says it is.
 *
 * @param whole what to call the value itself: `body`
 * @throws TurnpikeError `invalid_argument` with the fields at fault
 */
export function checker<T extends TSchema>(schema: T, whole: string): (value: unknown) => Static<T> {
  const compiled = Compile(schema);
  return (value) => {
    if (!compiled.Check(value)) {
      // The compiler stops at the eighth fault: a hostile value gets a short answer.
      refuse(compiled.Errors(value).flatMap((error) => violationsOf(error, whole)));
    }
    return value as Static<T>;
  };
}

function violationsOf(error: TLocalizedValidationError, whole: string): FieldViolation[] {
  const path = pathOf(error.instancePath);
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((property) => ({
      field: path === '' ? property : `${path}.${property}`,
      description: 'is required',
    }));
  }
  return [{ field: path === '' ? whole : path, description: descriptionOf(error) }];
}

/** `/allowed_hosts/2` → `allowed_hosts[2]`. */
function pathOf(pointer: string): string {
  let path = '';
  for (const part of pointer.split('/').slice(1)) {
    if (/^\d+$/.test(part)) path += `[${part}]`;
    else path += path === '' ? part : `.${part}`;
  }
  return path;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
};

function descriptionOf(error: TLocalizedValidationError): string {
  switch (error.keyword) {
    case 'type':
      return `must be ${[error.params.type].flat().map(typeName).join(' or ')}`;
    case 'minLength':
      return error.params.limit === 1
        ? 'must not be empty'
        : `must have ${error.params.limit} characters or more`;
    case 'maxLength':
      return `must have at most ${error.params.limit} characters`;
    case 'maxItems':
      return `must list at most ${error.params.limit}`;
    case 'minimum':
      return `must be ${error.params.limit} or more`;
    case 'maximum':
      return `must be at most ${error.params.limit}`;
    case 'pattern':
      return `must match ${error.params.pattern}`;
    default:
      return error.message;
  }
}

function typeName(type: string): string {
  return TYPES[type] ?? type;
}
