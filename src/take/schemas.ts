import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import "protobufjs/ext/descriptor/index.js";
import { join } from "node:path";

/** The folder of the .proto files that this server speaks. */
export const PROTO_FOLDER = fileURLToPath(new URL("../../proto/", import.meta.url));

/** The service's file, from which all messages are reached. */
export const SERVICE_FILE = "playblast/v1/shot_service.proto";

/** A FileDescriptorSet of the whole protocol, as MCAP's protobuf schemas want it. */
export function protocolDescriptor(): Uint8Array {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => join(PROTO_FOLDER, target);
  root.loadSync(SERVICE_FILE);
  const withDescriptor = root as unknown as { toDescriptor(edition: string): protobuf.Message };
  const set = withDescriptor.toDescriptor("proto3");
  return (set.constructor as unknown as typeof protobuf.Message).encode(set).finish();
}
