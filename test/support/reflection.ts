/** A gRPC client that knows nothing beforehand: it asks the server what it offers, as grpcurl does. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  create,
  createFileRegistry,
  type DescMethod,
  type DescService,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import {
  AnySchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import * as grpc from '@grpc/grpc-js';
import * as protoLoader from '@grpc/proto-loader';

interface ReflectionReply {
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly error_response?: { readonly error_message: string };
}

type ReflectionStream = grpc.ClientDuplexStream<object, ReflectionReply>;

/** How replies are written: every field under its own name, or as grpcurl does, those that say something. */
export type Style = 'whole' | 'grpcurl';

/** Where gRPC servers put the details of an error, by convention: a google.rpc.Status. */
const DETAILS_TRAILER = 'grpc-status-details-bin';

export class ReflectionClient implements Disposable {
  readonly #client: grpc.Client;
  readonly #style: Style;

  constructor(address: string, style: Style = 'whole') {
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure());
    this.#style = style;
  }

  /** Full names of the services that the server offers. */
  async services(): Promise<string[]> {
    const reply = await this.#ask({ list_services: '' });
    return (reply.list_services_response?.service ?? []).map(({ name }) => name);
  }

  /** All that the server describes of a symbol: the file that it is in, and the files that this one needs. */
  async files(symbol: string): Promise<FileRegistry> {
    const [first] = await this.#describe({ file_containing_symbol: symbol });
    if (!first) throw new Error(`no descriptor of ${symbol}`);
    const known = new Map<string, FileDescriptorProto>();
    // A registry wants each file after those that it needs.
    const add = async (file: FileDescriptorProto): Promise<void> => {
      for (const name of file.dependency) {
        if (known.has(name)) continue;
        const [needed] = await this.#describe({ file_by_filename: name });
        if (!needed) throw new Error(`no descriptor of ${name}`);
        await add(needed);
      }
      known.set(file.name, file);
    };
    await add(first);
    return createFileRegistry(create(FileDescriptorSetSchema, { file: [...known.values()] }));
  }

  /** A client of a service, made from the descriptors that the server itself gives. */
  async client(service: string): Promise<DynamicClient> {
    const descriptor = (await this.files(service)).getService(service);
    if (!descriptor) throw new Error(`the descriptors hold no service ${service}`);
    return new DynamicClient(this.#client, descriptor, this.#style);
  }

  async health(): Promise<string> {
    const health = await this.client('grpc.health.v1.Health');
    return (await call<{ status: string }>(health, 'Check', { service: '' })).status;
  }

  /** The details of a failed call, each as JSON with its type, described by the server as well. */
  async details(error: grpc.ServiceError): Promise<JsonValue[]> {
    const [bytes] = error.metadata.get(DETAILS_TRAILER);
    if (!(bytes instanceof Buffer)) return [];
    const registry = await this.files('google.rpc.Status');
    const kinds = await this.files('google.rpc.ErrorInfo');
    const status = registry.getMessage('google.rpc.Status');
    if (!status) throw new Error('the descriptors hold no google.rpc.Status');
    const { details } = fromBinary(status, bytes) as unknown as { details: readonly unknown[] };
    return details.map((detail) => toJson(AnySchema, detail as never, { registry: kinds }));
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #describe(question: object): Promise<FileDescriptorProto[]> {
    const reply = await this.#ask(question);
    const described = reply.file_descriptor_response?.file_descriptor_proto;
    if (!described) throw new Error(reply.error_response?.error_message ?? 'the server describes nothing');
    return described.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  }

  async #ask(question: object): Promise<ReflectionReply> {
    const stream = (await this.#reflection()).makeStream();
    stream.write(question);
    stream.end();
    for await (const reply of stream) return reply as ReflectionReply;
    throw new Error('the server does not describe itself');
  }

  /** The reflection service's own description is fixed. */
  async #reflection(): Promise<{ makeStream(): ReflectionStream }> {
    const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
    const proto = join(folder, 'build/proto/grpc/reflection/v1/reflection.proto');
    const definition = await protoLoader.load(proto, { keepCase: true });
    const service = definition['grpc.reflection.v1.ServerReflection'] as protoLoader.ServiceDefinition;
    const method = service.ServerReflectionInfo as protoLoader.MethodDefinition<object, object>;
    const { path, requestSerialize, responseDeserialize } = method;
    return {
      makeStream: () =>
        this.#client.makeBidiStreamRequest(
          path,
          requestSerialize,
          responseDeserialize as (bytes: Buffer) => ReflectionReply,
        ),
    };
  }
}

/** Calls the methods of a service with JSON, by the rules of protobuf for it. */
export class DynamicClient {
  readonly descriptor: DescService;
  readonly #client: grpc.Client;
  readonly #style: Style;

  constructor(client: grpc.Client, descriptor: DescService, style: Style) {
    this.#client = client;
    this.descriptor = descriptor;
    this.#style = style;
  }

  /** @throws ServiceError */
  unary(name: string, request: JsonValue): Promise<JsonValue> {
    const { path, encode, decode } = this.#codec(name);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, encode, decode, request, (error, reply) =>
        error ? reject(error) : resolve(reply as JsonValue),
      );
    });
  }

  /** The replies of a method that streams them. */
  stream(name: string, request: JsonValue): grpc.ClientReadableStream<JsonValue> {
    const { path, encode, decode } = this.#codec(name);
    return this.#client.makeServerStreamRequest(path, encode, decode, request);
  }

  method(name: string): DescMethod {
    const method = this.descriptor.methods.find((candidate) => candidate.name === name);
    if (!method) throw new Error(`${this.descriptor.typeName} has no method ${name}`);
    return method;
  }

  #codec(name: string) {
    const { input, output } = this.method(name);
    const options = this.#style === 'whole' ? { useProtoFieldName: true, alwaysEmitImplicit: true } : {};
    return {
      path: `/${this.descriptor.typeName}/${name}`,
      encode: (request: JsonValue) => Buffer.from(toBinary(input, fromJson(input, request))),
      decode: (bytes: Buffer) => toJson(output, fromBinary(output, bytes), options),
    };
  }
}

/** Calls a method by name. */
export async function call<Reply>(client: DynamicClient, method: string, request: object): Promise<Reply> {
  return (await client.unary(method, request as JsonValue)) as Reply;
}
