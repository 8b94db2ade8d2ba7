import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { checkRequest } from "../../src/protocol/check-request.js";
import { decodeRequest, encodeRequest, type ShotMessage } from "../../src/protocol/codec.js";
import { MOST_SURPLUS_FIELDS } from "../../src/protocol/limits.js";
import { type MessageFields, REQUEST_FIELDS } from "../../src/protocol/request-fields.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";

const PROTO_FOLDER = fileURLToPath(new URL("../../proto/", import.meta.url));

/** How the .proto files name what the table calls by its place on the wire. */
function kindOf(field: protobuf.Field): string {
  const { resolvedType, type } = field.resolve();
  if (resolvedType instanceof protobuf.Type) return "message";
  if (resolvedType instanceof protobuf.Enum || ["bool", "int32", "uint32"].includes(type)) return "varint";
  return type === "string" ? "text" : type;
}

function compare(type: protobuf.Type, fields: MessageFields, path: string): void {
  const known = fields.flatMap((field, number) =>
    field ? [{ number, name: field.name, kind: field.kind.is, repeated: field.most !== undefined }] : [],
  );
  const declared = type.fieldsArray
    .map((field) => ({ number: field.id, name: field.name, kind: kindOf(field), repeated: field.repeated }))
    .sort((a, b) => a.number - b.number);
  expect(known, path).toEqual(declared);
  for (const field of type.fieldsArray) {
    const kind = fields[field.id]?.kind;
    if (field.resolvedType instanceof protobuf.Type && kind?.is === "message")
      compare(field.resolvedType, kind.fields, `${path}.${field.name}`);
  }
}

/** A field of a message on the wire: its number, and the bytes of another message or text. */
const field = (number: number, ...parts: Uint8Array[]): Buffer => {
  const value = Buffer.concat(parts);
  return Buffer.concat([
    new protobuf.Writer()
      .uint32(number * 8 + 2)
      .uint32(value.length)
      .finish(),
    value,
  ]);
};
const varintField = (number: number, value: bigint): Buffer => {
  const bytes = [number * 8];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
};
const OPEN_SHOT = 1;
const ENGINE_FRAME = 2;

describe("the table of what a request may hold", () => {
  it("is that of the .proto files", () => {
    const root = new protobuf.Root();
    root.resolvePath = (_, target) => `${PROTO_FOLDER}${target}`;
    root.loadSync("playblast/v1/shot_service.proto", { keepCase: true });
    compare(root.lookupType("playblast.v1.StreamShotRequest"), REQUEST_FIELDS, "stream_shot_request");
  });
});

describe("a request is checked before it is decoded", () => {
  it("and passes as the client sends it", () => {
    const messages: ShotMessage[] = [
      { $case: "openShot", value: openShot("export", { controls: [8, 9, 6] }) },
      { $case: "engineFrame", value: engineFrame(3) },
      { $case: "firstFrame", value: firstFrame(3) },
      { $case: "promptChange", value: { prompt: "Grüße, 世界" } },
      { $case: "cut", value: { forgetLook: true, newPlace: false } },
      { $case: "flush", value: {} },
      { $case: "close", value: {} },
    ];
    for (const message of messages) expect(() => checkRequest(encodeRequest({ message })), message.$case).not.toThrow();
    expect(() => checkRequest(Buffer.alloc(0))).not.toThrow();
  });

  it.each([
    ["planes", field(ENGINE_FRAME, ...Array(13).fill(field(7))), /^engine_frame\.planes: .*allowed are 12/],
    ["packed controls", field(OPEN_SHOT, field(17, Buffer.alloc(13, 1))), /^open_shot\.controls: has more than 12/],
    [
      "controls one by one",
      field(OPEN_SHOT, ...Array(13).fill(Buffer.from([((17 << 3) & 0x7f) | 0x80, 17 >> 4, 1]))),
      /^open_shot\.controls: has more than 12/,
    ],
    ["half a control", field(OPEN_SHOT, field(17, Buffer.from([1, 0x80]))), /stream_shot_request/],
    ["lights", field(ENGINE_FRAME, ...Array(65).fill(field(6))), /^engine_frame\.lights: .*allowed are 64/],
    ["characters in a frame", field(ENGINE_FRAME, ...Array(65).fill(field(4))), /^engine_frame\.characters: .*64/],
    ["objects in a frame", field(ENGINE_FRAME, ...Array(1025).fill(field(5))), /^engine_frame\.objects: .*1024/],
    ["objects", field(OPEN_SHOT, field(11, ...Array(1025).fill(field(2)))), /^open_shot\.scene\.objects: .*1024/],
    [
      "bones",
      field(OPEN_SHOT, field(11, field(1), field(1, ...Array(257).fill(field(2))))),
      /^open_shot\.scene\.characters\[1\]\.bones: .*allowed are 256/,
    ],
    [
      "packed positions",
      field(ENGINE_FRAME, field(4, field(2, Buffer.alloc(769 * 4)))),
      /^engine_frame\.characters\[0\]\.positions: has more than 768/,
    ],
    [
      "positions one by one",
      field(ENGINE_FRAME, field(4, ...Array(769).fill(Buffer.from([2 * 8 + 5, 0, 0, 0, 0])))),
      /^engine_frame\.characters\[0\]\.positions: has more than 768/,
    ],
    [
      "half a float",
      field(ENGINE_FRAME, field(4, field(2, Buffer.alloc(6)))),
      /positions: has 6 bytes; .* 4 bytes an entry/,
    ],
    [
      "a long name",
      field(OPEN_SHOT, field(2, Buffer.alloc(4097, "n"))),
      /^open_shot\.client_name: has 4097 bytes; .*4096/,
    ],
    [
      "text that is not UTF-8",
      field(OPEN_SHOT, field(10, Buffer.from([0xc3, 0x28]))),
      /^open_shot\.prompt: is not UTF-8/,
    ],
    [
      "a seed that a number cannot hold",
      field(OPEN_SHOT, varintField(9, 2n ** 64n - 1n)),
      /^open_shot\.seed: is 18446744073709551615; allowed is 0 to 9007199254740991/,
    ],
    [
      "a tick likewise",
      field(ENGINE_FRAME, varintField(1, 2n ** 53n)),
      /^engine_frame\.tick: is 9007199254740992; allowed/,
    ],
    [
      "cameras without end",
      field(ENGINE_FRAME, ...Array(MOST_SURPLUS_FIELDS + 2).fill(field(3))),
      /^engine_frame: holds more than 1024 fields that are unknown or come twice/,
    ],
    [
      "unknown fields without end",
      Buffer.concat(Array(MOST_SURPLUS_FIELDS + 1).fill(field(99))),
      /more than 1024 fields/,
    ],
    ["a group", field(ENGINE_FRAME, Buffer.from([3 * 8 + 3])), /not a whole protobuf message.*wire type/],
    ["field number 0", Buffer.from([2, 0]), /not a whole protobuf message.*no valid number/],
    [
      "a field longer than its message",
      Buffer.from([ENGINE_FRAME * 8 + 2, 4, 3 * 8 + 2, 9, 0, 0]),
      /reaches beyond its message/,
    ],
    ["a number without end", Buffer.alloc(20, 0xff), /more than 64 bits/],
  ])("and refused: %s", (_, bytes, message) => {
    expect(() => decodeRequest(bytes)).toThrow(message);
  });

  it("and passes with what a newer client adds", () => {
    const known = encodeRequest({ message: { $case: "engineFrame", value: engineFrame(3) } });
    const newer = Buffer.concat([known, varintField(98, 5n), field(99, Buffer.from("new"))]);
    expect(decodeRequest(newer)).toEqual(decodeRequest(known));
  });
});
