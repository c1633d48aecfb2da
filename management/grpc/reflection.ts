/** Reflection: the server describes its services, so that tools such as grpcurl need no definitions. */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { EnumTypeDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { descriptorSet } from '../../proto/generated/descriptor-set.ts';

/**
 * Describes the services with their files as they were written. Those that proto-loader makes of them would lack
 * their comments, and types would be named as within their package only.
 */
export function reflectionService(): ReflectionService {
  // Of a definition the service reads nothing but its files.
  const files: EnumTypeDefinition = {
    format: 'Protocol Buffer 3 EnumDescriptorProto',
    type: {},
    fileDescriptorProtos: filesOf(descriptorSet),
  };
  return new ReflectionService({ files });
}

/** The serialised files of a serialised google.protobuf.FileDescriptorSet, whose only field they are. */
function filesOf(set: Buffer): Buffer[] {
  const reader = new BinaryReader(set);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    reader.tag();
    files.push(Buffer.from(reader.bytes()));
  }
  return files;
}
