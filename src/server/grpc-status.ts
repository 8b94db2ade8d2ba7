import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { BadRequestError, statusDetails } from "../protocol/errors.js";

/**
 * Bytes of a status on the wire. gRPC clients take 8 kB of trailers by default, and show none of a status that is longer. Its message
 * travels percent-encoded, its details in base64, a third longer than they are, and the details hold field and description twice.
 */
const MOST_MESSAGE_BYTES = 3700;
const MOST_FIELD_BYTES = 256;
const MOST_DESCRIPTION_BYTES = 1024;

/** The gRPC status of an error, short enough to reach every client. */
export function statusOf(error: BadRequestError): Partial<StatusObject> {
  const field = shortened(error.field, MOST_FIELD_BYTES, utf8Bytes);
  const description = shortened(error.description, MOST_DESCRIPTION_BYTES, utf8Bytes);
  const metadata = new Metadata();
  metadata.set(
    "grpc-status-details-bin",
    Buffer.from(statusDetails(new BadRequestError(field, description, error.code))),
  );
  return { code: error.code, details: statusMessage(error.message), metadata };
}

/** A status message that fits its header and that can be percent-encoded. */
export function statusMessage(text: string): string {
  return shortened(text, MOST_MESSAGE_BYTES, (character) => encodeURI(character).length);
}

const utf8Bytes = (character: string) => Buffer.byteLength(character);

/** The beginning of a text that is too long, with a word on its length. Halves of surrogate pairs become U+FFFD. */
function shortened(text: string, mostBytes: number, bytesOf: (character: string) => number): string {
  const ending = ` [... ${text.length} characters, shortened]`;
  const room = mostBytes - bytesOf(ending);
  let whole = "";
  let short = "";
  let bytes = 0;
  for (const character of text) {
    const sound = /\p{Surrogate}/u.test(character) ? "\ufffd" : character;
    bytes += bytesOf(sound);
    if (bytes <= room) short += sound;
    if (bytes > mostBytes) return short + ending;
    whole += sound;
  }
  return whole;
}
