import { checkRequest } from "./check-request.js";
import { BadRequestError } from "./errors.js";
import { StreamShotRequest, StreamShotResponse } from "./generated/playblast/v1/shot_service.js";

/** One message of a shot stream, client to server. */
export type ShotMessage = NonNullable<StreamShotRequest["message"]>;

/** One message of a shot stream, server to client. */
export type ShotAnswer = NonNullable<StreamShotResponse["message"]>;

/**
 * Decodes one request, after `checkRequest`.
 *
 * @throws BadRequestError when the bytes are not a whole StreamShotRequest within the limits.
 */
export function decodeRequest(bytes: Uint8Array): StreamShotRequest {
  checkRequest(bytes);
  try {
    return StreamShotRequest.decode(bytes);
  } catch (error) {
    throw new BadRequestError(
      "stream_shot_request",
      `is not a whole protobuf message (${bytes.length} bytes, ${(error as Error).message}); it was cut short or is of another schema`,
    );
  }
}

/** Encodes one request. */
export function encodeRequest(message: StreamShotRequest): Buffer {
  return Buffer.from(StreamShotRequest.encode(message).finish());
}

/** Encodes one response. */
export function encodeResponse(message: StreamShotResponse): Buffer {
  return Buffer.from(StreamShotResponse.encode(message).finish());
}

/** Decodes one response. */
export function decodeResponse(bytes: Uint8Array): StreamShotResponse {
  return StreamShotResponse.decode(bytes);
}
