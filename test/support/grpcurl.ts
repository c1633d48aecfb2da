/** Runs commands of grpcurl, as pages print them, by what grpcurl itself goes by: reflection. */
import type { DescMethod, FileRegistry, JsonValue } from '@bufbuild/protobuf';
import { type ServiceError, status } from '@grpc/grpc-js';
import { ReflectionClient } from './reflection.ts';

/** What a command prints. */
export type Printed =
  | { readonly text: readonly string[] }
  | { readonly reply: JsonValue }
  | { readonly error: { readonly code: string; readonly message: string; readonly details: JsonValue[] } };

const COMMAND = /^grpcurl -plaintext (?:-d '([^']*)' )?127\.0\.0\.1:50051 (\S+)(?: (\S+))?$/;

/** Go's names of the codes, which grpcurl prints. */
function codeName(code: status): string {
  const words = (status[code] as string).toLowerCase().split('_');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** What a page prints for an answer. */
export function printedAnswer(answer: string): Printed {
  if (/^[[{]/.test(answer)) return { reply: JSON.parse(answer) as JsonValue };
  const error = /^ERROR:\n {2}Code: (\w+)\n {2}Message: (.*)(?:\n {2}Details:\n([\s\S]*))?$/.exec(answer);
  if (!error) return { text: answer.split('\n') };
  const [, code = '', message = '', details = ''] = error;
  const parts = details.split(/^ {2}\d+\)\t/m).slice(1);
  return { error: { code, message, details: parts.map((part) => JSON.parse(part) as JsonValue) } };
}

export class Grpcurl implements Disposable {
  readonly #reflection: ReflectionClient;

  constructor(address: string) {
    this.#reflection = new ReflectionClient(address, 'grpcurl');
  }

  /** Runs a command; of a stream of replies it takes the first. */
  async run(command: string): Promise<Printed> {
    const [, data = '{}', target = '', symbol] = COMMAND.exec(command) ?? [];
    if (target === 'list') return { text: (await this.#reflection.services()).sort() };
    if (target === 'describe' && symbol) return { text: await this.#describe(symbol) };
    const [service, name] = target.split('/');
    if (!service || !name) throw new Error(`not a command of grpcurl: ${command}`);
    const client = await this.#reflection.client(service);
    const request = JSON.parse(data) as JsonValue;
    try {
      if (client.method(name).methodKind === 'unary') return { reply: await client.unary(name, request) };
      const stream = client.stream(name, request);
      for await (const reply of stream) return { reply: reply as JsonValue };
      throw new Error(`${target} has no reply`);
    } catch (error) {
      const { code, details } = error as ServiceError;
      if (code === undefined) throw error;
      const told = await this.#reflection.details(error as ServiceError);
      return { error: { code: codeName(code), message: details, details: told } };
    }
  }

  [Symbol.dispose](): void {
    this.#reflection[Symbol.dispose]();
  }

  async #describe(symbol: string): Promise<string[]> {
    const files = await this.#reflection.files(symbol);
    const method = methodOf(files, symbol);
    return [
      `${symbol} is a method:`,
      ...commentOf(method).map((line) => `//${line}`),
      `rpc ${method.name} ( .${method.input.typeName} ) returns ( .${method.output.typeName} );`,
    ];
  }
}

function methodOf(files: FileRegistry, symbol: string): DescMethod {
  const service = files.getService(symbol.slice(0, symbol.lastIndexOf('.')));
  const method = service?.methods.find(({ name }) => symbol.endsWith(`.${name}`));
  if (!method) throw new Error(`${symbol} is not a method`);
  return method;
}

/** The comment before a method, from where the descriptor says what stands where (descriptor.proto). */
function commentOf({ parent, name }: DescMethod): string[] {
  const { proto } = parent.file;
  const path = [6, proto.service.indexOf(parent.proto), 2, parent.methods.findIndex((m) => m.name === name)];
  const place = proto.sourceCodeInfo?.location.find((location) => location.path.join() === path.join());
  return (place?.leadingComments ?? '').trimEnd().split('\n');
}
