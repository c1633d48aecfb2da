/** A gRPC client that knows nothing beforehand: it asks the server what it offers, as grpcurl does. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import * as protoLoader from '@grpc/proto-loader';

/** A method that takes and gives plain objects. */
type Method = (request: object, done: (error: grpc.ServiceError | null, reply: unknown) => void) => void;
type DynamicClient = grpc.Client & Record<string, Method>;

interface ReflectionReply {
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
  readonly error_response?: { readonly error_message: string };
}

const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true } as const;

function constructorOf(
  definition: protoLoader.PackageDefinition,
  service: string,
): grpc.ServiceClientConstructor {
  let found: unknown = grpc.loadPackageDefinition(definition);
  for (const part of service.split('.')) found = (found as Record<string, unknown>)[part];
  if (typeof found !== 'function') throw new Error(`the descriptors hold no service ${service}`);
  return found as grpc.ServiceClientConstructor;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

export class ReflectionClient implements Disposable {
  readonly #address: string;
  readonly #clients: grpc.Client[] = [];

  constructor(address: string) {
    this.#address = address;
  }

  /** Full names of the services that the server offers. */
  async services(): Promise<string[]> {
    const [reply] = await this.#ask([{ list_services: '' }]);
    return (reply?.list_services_response?.service ?? []).map(({ name }) => name);
  }

  /** A client of a service, made from the descriptors that the server itself gives. */
  async client(service: string): Promise<DynamicClient> {
    const [reply] = await this.#ask([{ file_containing_symbol: service }]);
    const files = reply?.file_descriptor_response?.file_descriptor_proto;
    if (!files) throw new Error(reply?.error_response?.error_message ?? `no descriptor of ${service}`);
    // A FileDescriptorSet is its files, each as field 1.
    const set = Buffer.concat(files.flatMap((file) => [Buffer.of(0x0a), varint(file.length), file]));
    return this.#open(constructorOf(protoLoader.loadFileDescriptorSetFromBuffer(set, OPTIONS), service));
  }

  /** A client of the health service, whose description is fixed. */
  async health(): Promise<string> {
    const health = await this.client('grpc.health.v1.Health');
    const reply = await call<{ status: string }>(health, 'Check', { service: '' });
    return reply.status;
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.close();
  }

  #open(Client: grpc.ServiceClientConstructor): DynamicClient {
    const client = new Client(this.#address, grpc.credentials.createInsecure());
    this.#clients.push(client);
    return client as unknown as DynamicClient;
  }

  async #ask(requests: readonly object[]): Promise<ReflectionReply[]> {
    const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
    const proto = join(folder, 'build/proto/grpc/reflection/v1/reflection.proto');
    const definition = await protoLoader.load(proto, OPTIONS);
    const client = this.#open(constructorOf(definition, 'grpc.reflection.v1.ServerReflection'));
    const stream = (
      client as unknown as { ServerReflectionInfo(): grpc.ClientDuplexStream<object, ReflectionReply> }
    ).ServerReflectionInfo();
    const replies: ReflectionReply[] = [];
    for (const request of requests) stream.write(request);
    stream.end();
    for await (const reply of stream) replies.push(reply as ReflectionReply);
    return replies;
  }
}

/** Calls a method by name. */
export function call<Reply>(client: DynamicClient, method: string, request: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const run = client[method];
    if (!run) throw new Error(`the service has no method ${method}`);
    run.call(client, request, (error, reply) => (error ? reject(error) : resolve(reply as Reply)));
  });
}
