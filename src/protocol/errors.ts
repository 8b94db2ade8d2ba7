import type { Any } from "./generated/google/protobuf/any.js";
import { BadRequest } from "./generated/google/rpc/error_details.js";
import { Status } from "./generated/google/rpc/status.js";
import { shorten, visible } from "./quote.js";

/** The google.rpc.Code values that Playblast answers with; equal to gRPC's status codes. */
export const Code = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;
export type Code = (typeof Code)[keyof typeof Code];

/**
 * UTF-8 bytes that an error's field and its description may have. gRPC sends the description three times in its trailers, once
 * percent-encoded (3 bytes a byte at worst) and twice in base64, and clients drop trailers of more than 8 kB.
 */
const MOST_FIELD_BYTES = 200;
const MOST_DESCRIPTION_BYTES = 1000;

/**
 * A message that a shot cannot go on with: which field, what came, what is allowed, what to do. Ends that shot only. What it
 * quotes of the client is made visible (control characters escaped) and its middle left out where it is long.
 */
export class BadRequestError extends Error {
  readonly code: Code;
  /** Path of the refused field, as `engine_frame.camera.projection`. */
  readonly field: string;
  readonly description: string;

  constructor(field: string, description: string, code: Code = Code.INVALID_ARGUMENT) {
    const shownField = shorten(visible(field), MOST_FIELD_BYTES);
    const shown = shorten(visible(description), MOST_DESCRIPTION_BYTES);
    super(`${shownField}: ${shown}`);
    this.name = "BadRequestError";
    this.code = code;
    this.field = shownField;
    this.description = shown;
  }
}

/** The bytes of `grpc-status-details-bin`: a google.rpc.Status that holds a google.rpc.BadRequest. */
export function statusDetails(error: BadRequestError): Uint8Array {
  const violation = { field: error.field, description: error.description };
  const detail: Any = {
    typeUrl: "type.googleapis.com/google.rpc.BadRequest",
    value: Buffer.from(BadRequest.encode({ fieldViolations: [violation] }).finish()),
  };
  return Status.encode({ code: error.code, message: error.message, details: [detail] }).finish();
}

/** Reads the field violations out of `grpc-status-details-bin`; none where there are no such details. */
export function violationsOf(details: Uint8Array): { field: string; description: string }[] {
  return Status.decode(details)
    .details.filter((detail) => detail.typeUrl.endsWith("google.rpc.BadRequest"))
    .flatMap((detail) => BadRequest.decode(detail.value).fieldViolations);
}
