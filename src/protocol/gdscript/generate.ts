import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const PROTO_FOLDER = fileURLToPath(new URL("../../../proto/", import.meta.url));
const PACKAGE = "playblast.v1";

/** Wire types of the protobuf encoding. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const WIRE_TYPES: Record<string, number> = {
  uint32: VARINT,
  uint64: VARINT,
  int32: VARINT,
  bool: VARINT,
  float: FIXED32,
  double: FIXED64,
  string: LENGTH,
  bytes: LENGTH,
};
const DEFAULTS: Record<string, string> = {
  uint32: "0",
  uint64: "0",
  int32: "0",
  bool: "false",
  float: "0.0",
  double: "0.0",
  string: '""',
  bytes: "PackedByteArray()",
};

/**
 * Writes a GDScript codec for the protocol: static functions between dictionaries and bytes. Keys are the fields' proto
 * names; an absent key is the default. Services have no code, reserved names and numbers need none.
 */
export function generateGdscript(): string {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => join(PROTO_FOLDER, target);
  const files = readdirSync(join(PROTO_FOLDER, "playblast/v1"))
    .filter((name) => name.endsWith(".proto"))
    .sort();
  root.loadSync(
    files.map((name) => `playblast/v1/${name}`),
    { keepCase: true },
  );
  root.resolveAll();
  const namespace = root.lookup(PACKAGE) as protobuf.Namespace;
  const enums = namespace.nestedArray.filter((one): one is protobuf.Enum => one instanceof protobuf.Enum).sort(byName);
  const types = namespace.nestedArray.filter((one): one is protobuf.Type => one instanceof protobuf.Type).sort(byName);
  return [
    "@tool",
    "class_name PlayblastProtocol",
    "extends RefCounted",
    "## Messages of the Playblast protocol (playblast.v1) as dictionaries, and their bytes.",
    "##",
    "## Generated from the .proto files by src/protocol/gdscript/generate.ts: change those, not this.",
    "## Keys are field names as in the .proto files; a missing key is the field's default.",
    "",
    ...enums.flatMap(enumCode),
    ...types.flatMap((type) => [...encodeCode(type), ...decodeCode(type)]),
    RUNTIME,
  ].join("\n");
}

function byName(a: protobuf.ReflectionObject, b: protobuf.ReflectionObject): number {
  return a.name < b.name ? -1 : 1;
}

function snake(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

/** Enum values lose the prefix that protobuf's style gives them. */
function enumCode(type: protobuf.Enum): string[] {
  const prefix = `${snake(type.name).toUpperCase()}_`;
  const values = Object.entries(type.values).map(([name, value]) => `\t${name.replace(prefix, "")} = ${value},`);
  return [`enum ${type.name} {`, ...values, "}", ""];
}

function isMessage(field: protobuf.Field): boolean {
  return field.resolvedType instanceof protobuf.Type;
}

function scalarOf(field: protobuf.Field): string {
  return field.resolvedType instanceof protobuf.Enum ? "int32" : field.type;
}

function tagOf(field: protobuf.Field): number {
  const wire = isMessage(field) || field.repeated ? LENGTH : WIRE_TYPES[scalarOf(field)];
  return (field.id << 3) | wire;
}

function fieldsOf(type: protobuf.Type): protobuf.Field[] {
  return [...type.fieldsArray].sort((a, b) => a.id - b.id);
}

/** Whether a message may carry pictures, however deep: such bytes are copied once, when the whole message is joined. */
function isHeavy(type: protobuf.Type): boolean {
  return type.fieldsArray.some((field) =>
    field.resolvedType instanceof protobuf.Type ? isHeavy(field.resolvedType) : field.type === "bytes",
  );
}

/** A heavy message's encoder joins pieces; `_parts_...` gives them, bytes fields as they are. */
function encodeCode(type: protobuf.Type): string[] {
  const name = snake(type.name);
  // Godot warns of a parameter that nothing reads, unless its name begins like this.
  const message = type.fieldsArray.length > 0 ? "message" : "_message";
  const encoder = [
    `## Bytes of a ${type.name}.`,
    `static func encode_${name}(${message}: Dictionary) -> PackedByteArray:`,
  ];
  if (!isHeavy(type)) return [...encoder, "\tvar out := PackedByteArray()", ...putCode(type), "\treturn out", "", ""];
  return [
    ...encoder,
    `\treturn _joined(_parts_${name}(message))`,
    "",
    "",
    `static func _parts_${name}(message: Dictionary) -> Array[PackedByteArray]:`,
    "\tvar parts: Array[PackedByteArray] = []",
    "\tvar out := PackedByteArray()",
    ...putCode(type),
    "\tparts.append(out)",
    "\treturn parts",
    "",
    "",
  ];
}

/** Appends pieces to `parts`, and begins anew: `out` becomes the piece before them. */
function putParts(indent: string, tag: number, pieces: string): string[] {
  return [`${indent}out = _put_parts(parts, out, ${tag}, ${pieces})`];
}

/** Repeated numbers by their scalar: the array that holds them, and how it is turned into bytes and back. */
const PACKED: Record<
  string,
  { readonly array: string; readonly encode: (name: string) => string; readonly decode: string }
> = {
  float: {
    array: "PackedFloat32Array",
    encode: (name) => `${name}.to_byte_array()`,
    decode: "reader.bytes().to_float32_array()",
  },
  int32: { array: "PackedInt32Array", encode: (name) => `_varints(${name})`, decode: "reader.varints()" },
};

function putCode(type: protobuf.Type): string[] {
  const lines: string[] = [];
  for (const field of fieldsOf(type)) {
    const { name } = field;
    const tag = tagOf(field);
    if (isMessage(field)) {
      const inner = field.resolvedType as protobuf.Type;
      const value = field.repeated ? "item" : `message["${name}"]`;
      lines.push(
        field.repeated ? `\tfor item: Dictionary in message.get("${name}", []):` : `\tif message.has("${name}"):`,
        ...(isHeavy(inner)
          ? putParts("\t\t", tag, `_parts_${snake(inner.name)}(${value})`)
          : [`\t\t_put_bytes(out, ${tag}, encode_${snake(inner.name)}(${value}))`]),
      );
      continue;
    }
    const scalar = scalarOf(field);
    if (field.repeated) {
      const packed = PACKED[scalar];
      if (!packed) throw new Error(`${type.name}.${name}: repeated ${scalar} has no encoder yet`);
      lines.push(
        `\tvar ${name}: ${packed.array} = message.get("${name}", ${packed.array}())`,
        `\tif not ${name}.is_empty():`,
        `\t\t_put_bytes(out, ${tag}, ${packed.encode(name)})`,
      );
    } else {
      lines.push(
        field.partOf
          ? `\tif message.has("${name}"):`
          : `\tif message.get("${name}", ${DEFAULTS[scalar]}) != ${DEFAULTS[scalar]}:`,
        ...(scalar === "bytes"
          ? putParts("\t\t", tag, `[message["${name}"]] as Array[PackedByteArray]`)
          : [`\t\t_put_${scalar}(out, ${tag}, message["${name}"])`]),
      );
    }
  }
  return lines;
}

function decodeCode(type: protobuf.Type): string[] {
  const lines = [
    `## Reads a ${type.name}; fields it does not know are passed over.`,
    `static func decode_${snake(type.name)}(bytes: PackedByteArray) -> Dictionary:`,
    "\tvar message := {}",
    "\tvar reader := Reader.new(bytes)",
    "\twhile reader.next():",
    "\t\tmatch reader.field:",
  ];
  for (const field of fieldsOf(type)) {
    const { name } = field;
    lines.push(`\t\t\t${field.id}:`);
    if (isMessage(field)) {
      const decoder = `decode_${snake((field.resolvedType as protobuf.Type).name)}`;
      if (field.repeated) lines.push(`\t\t\t\tmessage.get_or_add("${name}", []).append(${decoder}(reader.bytes()))`);
      else lines.push(`\t\t\t\tmessage["${name}"] = ${decoder}(reader.bytes())`);
    } else if (field.repeated) lines.push(`\t\t\t\tmessage["${name}"] = ${PACKED[scalarOf(field)].decode}`);
    else lines.push(`\t\t\t\tmessage["${name}"] = reader.${readerOf(scalarOf(field))}()`);
  }
  return [...lines, "\t\t\t_:", "\t\t\t\treader.skip()", "\treturn message", "", ""];
}

function readerOf(scalar: string): string {
  const names: Record<string, string> = {
    uint32: "varint",
    uint64: "varint",
    int32: "varint",
    bool: "boolean",
    float: "float32",
    double: "float64",
    string: "text",
    bytes: "bytes",
  };
  return names[scalar];
}

const RUNTIME = `static func _put_varint(out: PackedByteArray, value: int) -> void:
	while value < 0 or value > 127:
		out.append((value & 127) | 128)
		# A logical shift: negative numbers take ten bytes, as the encoding wants.
		value = (value >> 7) & 0x01FFFFFFFFFFFFFF
	out.append(value)


static func _put_uint32(out: PackedByteArray, tag: int, value: int) -> void:
	_put_varint(out, tag)
	_put_varint(out, value)


static func _put_uint64(out: PackedByteArray, tag: int, value: int) -> void:
	_put_uint32(out, tag, value)


static func _put_int32(out: PackedByteArray, tag: int, value: int) -> void:
	_put_uint32(out, tag, value)


static func _varints(values: PackedInt32Array) -> PackedByteArray:
	var out := PackedByteArray()
	for value in values:
		_put_varint(out, value)
	return out


static func _put_bool(out: PackedByteArray, tag: int, value: bool) -> void:
	_put_uint32(out, tag, int(value))


static func _put_float(out: PackedByteArray, tag: int, value: float) -> void:
	_put_varint(out, tag)
	var at := out.size()
	out.resize(at + 4)
	out.encode_float(at, value)


static func _put_double(out: PackedByteArray, tag: int, value: float) -> void:
	_put_varint(out, tag)
	var at := out.size()
	out.resize(at + 8)
	out.encode_double(at, value)


static func _put_string(out: PackedByteArray, tag: int, value: String) -> void:
	_put_bytes(out, tag, value.to_utf8_buffer())


static func _put_bytes(out: PackedByteArray, tag: int, value: PackedByteArray) -> void:
	_put_varint(out, tag)
	_put_varint(out, value.size())
	out.append_array(value)


## Appends a field whose bytes are these pieces, as they are; returns what the next fields are put into.
static func _put_parts(parts: Array[PackedByteArray], out: PackedByteArray, tag: int, pieces: Array[PackedByteArray]) -> PackedByteArray:
	var length := 0
	for piece in pieces:
		length += piece.size()
	_put_varint(out, tag)
	_put_varint(out, length)
	parts.append(out)
	parts.append_array(pieces)
	return PackedByteArray()


static func _joined(parts: Array[PackedByteArray]) -> PackedByteArray:
	var out := PackedByteArray()
	for part in parts:
		out.append_array(part)
	return out


## Walks over the fields of an encoded message.
class Reader:
	## Number of the field that \`next\` stopped at.
	var field := 0
	var _wire := 0
	var _data: PackedByteArray
	var _at := 0

	func _init(data: PackedByteArray) -> void:
		_data = data

	func next() -> bool:
		if _at >= _data.size():
			return false
		var tag := varint()
		field = tag >> 3
		_wire = tag & 7
		return true

	func varint() -> int:
		var value := 0
		var shift := 0
		while shift < 64 and _has(1):
			var byte := _data[_at]
			_at += 1
			value |= (byte & 127) << shift
			if byte < 128:
				break
			shift += 7
		return value

	func varints() -> PackedInt32Array:
		var end := varint()
		end = _at + end if _has(end) else _at
		var values := PackedInt32Array()
		while _at < end:
			values.append(varint())
		return values

	func boolean() -> bool:
		return varint() != 0

	func float32() -> float:
		return _data.decode_float(_pass(4)) if _has(4) else 0.0

	func float64() -> float:
		return _data.decode_double(_pass(8)) if _has(8) else 0.0

	func bytes() -> PackedByteArray:
		var length := varint()
		if not _has(length):
			return PackedByteArray()
		var from := _pass(length)
		return _data.slice(from, _at)

	func text() -> String:
		return bytes().get_string_from_utf8()

	func skip() -> void:
		match _wire:
			${VARINT}:
				varint()
			${FIXED64}:
				float64()
			${LENGTH}:
				bytes()
			${FIXED32}:
				float32()
			_:
				push_error("Playblast: field %d has wire type %d, which nobody sends" % [field, _wire])
				_at = _data.size()

	## Steps over \`length\` bytes; returns where they began.
	func _pass(length: int) -> int:
		_at += length
		return _at - length

	## Whether so many bytes are left. Where not, the message was cut short or is none, and reading ends: a length that
	## leads out of the message, or back into what was read, must not hang an editor.
	func _has(length: int) -> bool:
		if length >= 0 and length <= _data.size() - _at:
			return true
		push_error("Playblast: a message of %d bytes is cut short or damaged at byte %d" % [_data.size(), _at])
		_at = _data.size()
		return false
`;
