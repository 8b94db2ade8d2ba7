@tool
class_name PlayblastProtocol
extends RefCounted
## Messages of the Playblast protocol (playblast.v1) as dictionaries, and their bytes.
##
## Generated from the .proto files by src/protocol/gdscript/generate.ts: change those, not this.
## Keys are field names as in the .proto files; a missing key is the field's default.

enum Axis {
	UNSPECIFIED = 0,
	POSITIVE_X = 1,
	NEGATIVE_X = 2,
	POSITIVE_Y = 3,
	NEGATIVE_Y = 4,
	POSITIVE_Z = 5,
	NEGATIVE_Z = 6,
}

enum ColourSpace {
	UNSPECIFIED = 0,
	SRGB = 1,
	LINEAR = 2,
}

enum Compression {
	UNSPECIFIED = 0,
	NONE = 1,
	DEFLATE = 2,
}

enum DropReason {
	UNSPECIFIED = 0,
	NEWER_FRAME = 1,
	CUT = 2,
	CLOSED = 3,
	NO_FIRST_FRAME = 4,
}

enum Handedness {
	UNSPECIFIED = 0,
	RIGHT = 1,
	LEFT = 2,
}

enum ImageFormat {
	UNSPECIFIED = 0,
	RGB8 = 1,
	PNG = 2,
	JPEG = 3,
}

enum LightKind {
	UNSPECIFIED = 0,
	DIRECTIONAL = 1,
	POINT = 2,
	SPOT = 3,
	AMBIENT = 4,
}

enum NoticeKind {
	UNSPECIFIED = 0,
	SLOW = 1,
	MEMORY_LOW = 2,
	LOOK_REPLACED = 3,
	IGNORED = 4,
	FIRST_FRAME_CHANGED = 5,
	FIRST_FRAME_MISFIT = 6,
	DEPTH_MISSING = 7,
	RECORDING_FAILED = 8,
	ALBEDO_EMPTY = 9,
	LOOK_ADDED = 10,
}

enum PlaneFormat {
	UNSPECIFIED = 0,
	F32 = 1,
	F16 = 2,
	U16 = 3,
	U8 = 4,
}

enum PlaneKind {
	UNSPECIFIED = 0,
	DEPTH = 1,
	OWNER_ID = 2,
	NORMAL = 3,
	MOTION = 4,
	SHADE = 5,
	COLOUR = 6,
	TRUTH = 7,
	ALBEDO = 8,
	SURFACE_ID = 9,
	ROUGHNESS = 10,
	METALLIC = 11,
}

enum RowOrder {
	UNSPECIFIED = 0,
	TOP_FIRST = 1,
	BOTTOM_FIRST = 2,
}

enum ShotMode {
	UNSPECIFIED = 0,
	LIVE = 1,
	EXPORT = 2,
}

## Bytes of a Bone.
static func encode_bone(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("name", "") != "":
		_put_string(out, 10, message["name"])
	if message.get("parent", 0) != 0:
		_put_int32(out, 16, message["parent"])
	if message.has("rest"):
		_put_bytes(out, 26, encode_transform(message["rest"]))
	if message.get("humanoid", "") != "":
		_put_string(out, 34, message["humanoid"])
	if message.get("radius", 0.0) != 0.0:
		_put_float(out, 45, message["radius"])
	return out


## Reads a Bone; fields it does not know are passed over.
static func decode_bone(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["name"] = reader.text()
			2:
				message["parent"] = reader.varint()
			3:
				message["rest"] = decode_transform(reader.bytes())
			4:
				message["humanoid"] = reader.text()
			5:
				message["radius"] = reader.float32()
			_:
				reader.skip()
	return message


## Bytes of a Bounds.
static func encode_bounds(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.has("min"):
		_put_bytes(out, 10, encode_vector3(message["min"]))
	if message.has("max"):
		_put_bytes(out, 18, encode_vector3(message["max"]))
	return out


## Reads a Bounds; fields it does not know are passed over.
static func decode_bounds(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["min"] = decode_vector3(reader.bytes())
			2:
				message["max"] = decode_vector3(reader.bytes())
			_:
				reader.skip()
	return message


## Bytes of a Camera.
static func encode_camera(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.has("transform"):
		_put_bytes(out, 10, encode_transform(message["transform"]))
	var projection: PackedFloat32Array = message.get("projection", PackedFloat32Array())
	if not projection.is_empty():
		_put_bytes(out, 18, projection.to_byte_array())
	return out


## Reads a Camera; fields it does not know are passed over.
static func decode_camera(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["transform"] = decode_transform(reader.bytes())
			2:
				message["projection"] = reader.bytes().to_float32_array()
			_:
				reader.skip()
	return message


## Bytes of a Character.
static func encode_character(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("id", "") != "":
		_put_string(out, 10, message["id"])
	for item: Dictionary in message.get("bones", []):
		_put_bytes(out, 18, encode_bone(item))
	if message.get("owner_id", 0) != 0:
		_put_uint32(out, 24, message["owner_id"])
	if message.get("owner_id_per_bone", false) != false:
		_put_bool(out, 32, message["owner_id_per_bone"])
	return out


## Reads a Character; fields it does not know are passed over.
static func decode_character(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["id"] = reader.text()
			2:
				message.get_or_add("bones", []).append(decode_bone(reader.bytes()))
			3:
				message["owner_id"] = reader.varint()
			4:
				message["owner_id_per_bone"] = reader.boolean()
			_:
				reader.skip()
	return message


## Bytes of a CharacterPose.
static func encode_character_pose(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("id", "") != "":
		_put_string(out, 10, message["id"])
	var positions: PackedFloat32Array = message.get("positions", PackedFloat32Array())
	if not positions.is_empty():
		_put_bytes(out, 18, positions.to_byte_array())
	var rotations: PackedFloat32Array = message.get("rotations", PackedFloat32Array())
	if not rotations.is_empty():
		_put_bytes(out, 26, rotations.to_byte_array())
	return out


## Reads a CharacterPose; fields it does not know are passed over.
static func decode_character_pose(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["id"] = reader.text()
			2:
				message["positions"] = reader.bytes().to_float32_array()
			3:
				message["rotations"] = reader.bytes().to_float32_array()
			_:
				reader.skip()
	return message


## Bytes of a Close.
static func encode_close(_message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	return out


## Reads a Close; fields it does not know are passed over.
static func decode_close(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			_:
				reader.skip()
	return message


## Bytes of a ControlPreview.
static func encode_control_preview(message: Dictionary) -> PackedByteArray:
	return _joined(_parts_control_preview(message))


static func _parts_control_preview(message: Dictionary) -> Array[PackedByteArray]:
	var parts: Array[PackedByteArray] = []
	var out := PackedByteArray()
	if message.get("tick", 0) != 0:
		_put_uint64(out, 8, message["tick"])
	if message.has("size"):
		_put_bytes(out, 18, encode_size(message["size"]))
	if message.get("filled_warp", PackedByteArray()) != PackedByteArray():
		out = _put_parts(parts, out, 26, [message["filled_warp"]] as Array[PackedByteArray])
	if message.get("coverage", PackedByteArray()) != PackedByteArray():
		out = _put_parts(parts, out, 34, [message["coverage"]] as Array[PackedByteArray])
	parts.append(out)
	return parts


## Reads a ControlPreview; fields it does not know are passed over.
static func decode_control_preview(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["tick"] = reader.varint()
			2:
				message["size"] = decode_size(reader.bytes())
			3:
				message["filled_warp"] = reader.bytes()
			4:
				message["coverage"] = reader.bytes()
			_:
				reader.skip()
	return message


## Bytes of a CoordinateConvention.
static func encode_coordinate_convention(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("handedness", 0) != 0:
		_put_int32(out, 8, message["handedness"])
	if message.get("up", 0) != 0:
		_put_int32(out, 16, message["up"])
	if message.get("camera_forward", 0) != 0:
		_put_int32(out, 24, message["camera_forward"])
	if message.get("metres_per_unit", 0.0) != 0.0:
		_put_double(out, 33, message["metres_per_unit"])
	if message.get("camera_up", 0) != 0:
		_put_int32(out, 40, message["camera_up"])
	return out


## Reads a CoordinateConvention; fields it does not know are passed over.
static func decode_coordinate_convention(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["handedness"] = reader.varint()
			2:
				message["up"] = reader.varint()
			3:
				message["camera_forward"] = reader.varint()
			4:
				message["metres_per_unit"] = reader.float64()
			5:
				message["camera_up"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a Credit.
static func encode_credit(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("frames", 0) != 0:
		_put_uint32(out, 8, message["frames"])
	return out


## Reads a Credit; fields it does not know are passed over.
static func decode_credit(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["frames"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a Cut.
static func encode_cut(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("forget_look", false) != false:
		_put_bool(out, 8, message["forget_look"])
	if message.get("new_place", false) != false:
		_put_bool(out, 16, message["new_place"])
	return out


## Reads a Cut; fields it does not know are passed over.
static func decode_cut(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["forget_look"] = reader.boolean()
			2:
				message["new_place"] = reader.boolean()
			_:
				reader.skip()
	return message


## Bytes of a DepthEncoding.
static func encode_depth_encoding(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.has("linear"):
		_put_bytes(out, 10, encode_linear_depth(message["linear"]))
	if message.has("device"):
		_put_bytes(out, 18, encode_device_depth(message["device"]))
	return out


## Reads a DepthEncoding; fields it does not know are passed over.
static func decode_depth_encoding(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["linear"] = decode_linear_depth(reader.bytes())
			2:
				message["device"] = decode_device_depth(reader.bytes())
			_:
				reader.skip()
	return message


## Bytes of a DeviceDepth.
static func encode_device_depth(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("near", 0.0) != 0.0:
		_put_float(out, 13, message["near"])
	if message.get("far", 0.0) != 0.0:
		_put_float(out, 21, message["far"])
	if message.get("reversed_z", false) != false:
		_put_bool(out, 24, message["reversed_z"])
	if message.get("orthographic", false) != false:
		_put_bool(out, 32, message["orthographic"])
	return out


## Reads a DeviceDepth; fields it does not know are passed over.
static func decode_device_depth(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["near"] = reader.float32()
			2:
				message["far"] = reader.float32()
			3:
				message["reversed_z"] = reader.boolean()
			4:
				message["orthographic"] = reader.boolean()
			_:
				reader.skip()
	return message


## Bytes of a EngineFrame.
static func encode_engine_frame(message: Dictionary) -> PackedByteArray:
	return _joined(_parts_engine_frame(message))


static func _parts_engine_frame(message: Dictionary) -> Array[PackedByteArray]:
	var parts: Array[PackedByteArray] = []
	var out := PackedByteArray()
	if message.get("tick", 0) != 0:
		_put_uint64(out, 8, message["tick"])
	if message.get("time", 0.0) != 0.0:
		_put_double(out, 17, message["time"])
	if message.has("camera"):
		_put_bytes(out, 26, encode_camera(message["camera"]))
	for item: Dictionary in message.get("characters", []):
		_put_bytes(out, 34, encode_character_pose(item))
	for item: Dictionary in message.get("objects", []):
		_put_bytes(out, 42, encode_object_pose(item))
	for item: Dictionary in message.get("lights", []):
		_put_bytes(out, 50, encode_light(item))
	for item: Dictionary in message.get("planes", []):
		out = _put_parts(parts, out, 58, _parts_plane(item))
	parts.append(out)
	return parts


## Reads a EngineFrame; fields it does not know are passed over.
static func decode_engine_frame(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["tick"] = reader.varint()
			2:
				message["time"] = reader.float64()
			3:
				message["camera"] = decode_camera(reader.bytes())
			4:
				message.get_or_add("characters", []).append(decode_character_pose(reader.bytes()))
			5:
				message.get_or_add("objects", []).append(decode_object_pose(reader.bytes()))
			6:
				message.get_or_add("lights", []).append(decode_light(reader.bytes()))
			7:
				message.get_or_add("planes", []).append(decode_plane(reader.bytes()))
			_:
				reader.skip()
	return message


## Bytes of a FirstFrame.
static func encode_first_frame(message: Dictionary) -> PackedByteArray:
	return _joined(_parts_first_frame(message))


static func _parts_first_frame(message: Dictionary) -> Array[PackedByteArray]:
	var parts: Array[PackedByteArray] = []
	var out := PackedByteArray()
	if message.has("encoded"):
		out = _put_parts(parts, out, 10, [message["encoded"]] as Array[PackedByteArray])
	if message.has("plane"):
		out = _put_parts(parts, out, 18, _parts_plane(message["plane"]))
	if message.get("tick", 0) != 0:
		_put_uint64(out, 24, message["tick"])
	if message.get("new_look", false) != false:
		_put_bool(out, 32, message["new_look"])
	parts.append(out)
	return parts


## Reads a FirstFrame; fields it does not know are passed over.
static func decode_first_frame(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["encoded"] = reader.bytes()
			2:
				message["plane"] = decode_plane(reader.bytes())
			3:
				message["tick"] = reader.varint()
			4:
				message["new_look"] = reader.boolean()
			_:
				reader.skip()
	return message


## Bytes of a Flush.
static func encode_flush(_message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	return out


## Reads a Flush; fields it does not know are passed over.
static func decode_flush(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			_:
				reader.skip()
	return message


## Bytes of a Flushed.
static func encode_flushed(_message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	return out


## Reads a Flushed; fields it does not know are passed over.
static func decode_flushed(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			_:
				reader.skip()
	return message


## Bytes of a FrameDropped.
static func encode_frame_dropped(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("tick", 0) != 0:
		_put_uint64(out, 8, message["tick"])
	if message.get("reason", 0) != 0:
		_put_int32(out, 16, message["reason"])
	return out


## Reads a FrameDropped; fields it does not know are passed over.
static func decode_frame_dropped(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["tick"] = reader.varint()
			2:
				message["reason"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a GeneratedFrame.
static func encode_generated_frame(message: Dictionary) -> PackedByteArray:
	return _joined(_parts_generated_frame(message))


static func _parts_generated_frame(message: Dictionary) -> Array[PackedByteArray]:
	var parts: Array[PackedByteArray] = []
	var out := PackedByteArray()
	if message.get("tick", 0) != 0:
		_put_uint64(out, 8, message["tick"])
	if message.has("size"):
		_put_bytes(out, 18, encode_size(message["size"]))
	if message.get("format", 0) != 0:
		_put_int32(out, 24, message["format"])
	if message.get("image", PackedByteArray()) != PackedByteArray():
		out = _put_parts(parts, out, 34, [message["image"]] as Array[PackedByteArray])
	if message.get("coverage_percent", 0.0) != 0.0:
		_put_float(out, 45, message["coverage_percent"])
	if message.has("timings"):
		_put_bytes(out, 50, encode_stage_timings(message["timings"]))
	if message.get("model", "") != "":
		_put_string(out, 58, message["model"])
	if message.get("seed", 0) != 0:
		_put_uint64(out, 64, message["seed"])
	if message.get("steps", 0) != 0:
		_put_uint32(out, 72, message["steps"])
	parts.append(out)
	return parts


## Reads a GeneratedFrame; fields it does not know are passed over.
static func decode_generated_frame(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["tick"] = reader.varint()
			2:
				message["size"] = decode_size(reader.bytes())
			3:
				message["format"] = reader.varint()
			4:
				message["image"] = reader.bytes()
			5:
				message["coverage_percent"] = reader.float32()
			6:
				message["timings"] = decode_stage_timings(reader.bytes())
			7:
				message["model"] = reader.text()
			8:
				message["seed"] = reader.varint()
			9:
				message["steps"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a Light.
static func encode_light(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("kind", 0) != 0:
		_put_int32(out, 8, message["kind"])
	if message.has("position"):
		_put_bytes(out, 18, encode_vector3(message["position"]))
	if message.has("direction"):
		_put_bytes(out, 26, encode_vector3(message["direction"]))
	if message.has("colour"):
		_put_bytes(out, 34, encode_vector3(message["colour"]))
	if message.get("range", 0.0) != 0.0:
		_put_float(out, 45, message["range"])
	if message.get("spot_angle", 0.0) != 0.0:
		_put_float(out, 53, message["spot_angle"])
	if message.get("casts_shadow", false) != false:
		_put_bool(out, 56, message["casts_shadow"])
	return out


## Reads a Light; fields it does not know are passed over.
static func decode_light(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["kind"] = reader.varint()
			2:
				message["position"] = decode_vector3(reader.bytes())
			3:
				message["direction"] = decode_vector3(reader.bytes())
			4:
				message["colour"] = decode_vector3(reader.bytes())
			5:
				message["range"] = reader.float32()
			6:
				message["spot_angle"] = reader.float32()
			7:
				message["casts_shadow"] = reader.boolean()
			_:
				reader.skip()
	return message


## Bytes of a Limits.
static func encode_limits(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("max_width", 0) != 0:
		_put_uint32(out, 8, message["max_width"])
	if message.get("max_height", 0) != 0:
		_put_uint32(out, 16, message["max_height"])
	if message.get("max_message_bytes", 0) != 0:
		_put_uint32(out, 24, message["max_message_bytes"])
	if message.get("max_characters", 0) != 0:
		_put_uint32(out, 32, message["max_characters"])
	if message.get("max_bones", 0) != 0:
		_put_uint32(out, 40, message["max_bones"])
	if message.get("max_objects", 0) != 0:
		_put_uint32(out, 48, message["max_objects"])
	if message.get("max_pixels", 0) != 0:
		_put_uint32(out, 56, message["max_pixels"])
	return out


## Reads a Limits; fields it does not know are passed over.
static func decode_limits(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["max_width"] = reader.varint()
			2:
				message["max_height"] = reader.varint()
			3:
				message["max_message_bytes"] = reader.varint()
			4:
				message["max_characters"] = reader.varint()
			5:
				message["max_bones"] = reader.varint()
			6:
				message["max_objects"] = reader.varint()
			7:
				message["max_pixels"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a LinearDepth.
static func encode_linear_depth(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("near", 0.0) != 0.0:
		_put_float(out, 13, message["near"])
	if message.get("far", 0.0) != 0.0:
		_put_float(out, 21, message["far"])
	return out


## Reads a LinearDepth; fields it does not know are passed over.
static func decode_linear_depth(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["near"] = reader.float32()
			2:
				message["far"] = reader.float32()
			_:
				reader.skip()
	return message


## Bytes of a Notice.
static func encode_notice(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("kind", 0) != 0:
		_put_int32(out, 8, message["kind"])
	if message.get("message", "") != "":
		_put_string(out, 18, message["message"])
	if message.get("tick", 0) != 0:
		_put_uint64(out, 24, message["tick"])
	return out


## Reads a Notice; fields it does not know are passed over.
static func decode_notice(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["kind"] = reader.varint()
			2:
				message["message"] = reader.text()
			3:
				message["tick"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a ObjectPose.
static func encode_object_pose(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("id", "") != "":
		_put_string(out, 10, message["id"])
	if message.has("transform"):
		_put_bytes(out, 18, encode_transform(message["transform"]))
	return out


## Reads a ObjectPose; fields it does not know are passed over.
static func decode_object_pose(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["id"] = reader.text()
			2:
				message["transform"] = decode_transform(reader.bytes())
			_:
				reader.skip()
	return message


## Bytes of a OpenShot.
static func encode_open_shot(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.has("protocol_version"):
		_put_bytes(out, 10, encode_protocol_version(message["protocol_version"]))
	if message.get("client_name", "") != "":
		_put_string(out, 18, message["client_name"])
	if message.get("client_version", "") != "":
		_put_string(out, 26, message["client_version"])
	if message.has("convention"):
		_put_bytes(out, 34, encode_coordinate_convention(message["convention"]))
	if message.has("frame_size"):
		_put_bytes(out, 42, encode_size(message["frame_size"]))
	if message.get("frame_rate", 0.0) != 0.0:
		_put_double(out, 49, message["frame_rate"])
	if message.get("mode", 0) != 0:
		_put_int32(out, 56, message["mode"])
	if message.get("model", "") != "":
		_put_string(out, 66, message["model"])
	if message.get("seed", 0) != 0:
		_put_uint64(out, 72, message["seed"])
	if message.get("prompt", "") != "":
		_put_string(out, 82, message["prompt"])
	if message.has("scene"):
		_put_bytes(out, 90, encode_scene(message["scene"]))
	if message.get("image_format", 0) != 0:
		_put_int32(out, 96, message["image_format"])
	if message.get("control_preview", false) != false:
		_put_bool(out, 104, message["control_preview"])
	if message.get("resume_token", "") != "":
		_put_string(out, 114, message["resume_token"])
	if message.get("record_as", "") != "":
		_put_string(out, 122, message["record_as"])
	if message.get("steps", 0) != 0:
		_put_uint32(out, 128, message["steps"])
	var controls: PackedInt32Array = message.get("controls", PackedInt32Array())
	if not controls.is_empty():
		_put_bytes(out, 138, _varints(controls))
	return out


## Reads a OpenShot; fields it does not know are passed over.
static func decode_open_shot(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["protocol_version"] = decode_protocol_version(reader.bytes())
			2:
				message["client_name"] = reader.text()
			3:
				message["client_version"] = reader.text()
			4:
				message["convention"] = decode_coordinate_convention(reader.bytes())
			5:
				message["frame_size"] = decode_size(reader.bytes())
			6:
				message["frame_rate"] = reader.float64()
			7:
				message["mode"] = reader.varint()
			8:
				message["model"] = reader.text()
			9:
				message["seed"] = reader.varint()
			10:
				message["prompt"] = reader.text()
			11:
				message["scene"] = decode_scene(reader.bytes())
			12:
				message["image_format"] = reader.varint()
			13:
				message["control_preview"] = reader.boolean()
			14:
				message["resume_token"] = reader.text()
			15:
				message["record_as"] = reader.text()
			16:
				message["steps"] = reader.varint()
			17:
				message["controls"] = reader.varints()
			_:
				reader.skip()
	return message


## Bytes of a Plane.
static func encode_plane(message: Dictionary) -> PackedByteArray:
	return _joined(_parts_plane(message))


static func _parts_plane(message: Dictionary) -> Array[PackedByteArray]:
	var parts: Array[PackedByteArray] = []
	var out := PackedByteArray()
	if message.get("kind", 0) != 0:
		_put_int32(out, 8, message["kind"])
	if message.get("format", 0) != 0:
		_put_int32(out, 16, message["format"])
	if message.has("size"):
		_put_bytes(out, 26, encode_size(message["size"]))
	if message.get("row_order", 0) != 0:
		_put_int32(out, 32, message["row_order"])
	if message.has("depth"):
		_put_bytes(out, 42, encode_depth_encoding(message["depth"]))
	if message.get("colour_space", 0) != 0:
		_put_int32(out, 48, message["colour_space"])
	if message.get("compression", 0) != 0:
		_put_int32(out, 56, message["compression"])
	if message.get("data", PackedByteArray()) != PackedByteArray():
		out = _put_parts(parts, out, 66, [message["data"]] as Array[PackedByteArray])
	parts.append(out)
	return parts


## Reads a Plane; fields it does not know are passed over.
static func decode_plane(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["kind"] = reader.varint()
			2:
				message["format"] = reader.varint()
			3:
				message["size"] = decode_size(reader.bytes())
			4:
				message["row_order"] = reader.varint()
			5:
				message["depth"] = decode_depth_encoding(reader.bytes())
			6:
				message["colour_space"] = reader.varint()
			7:
				message["compression"] = reader.varint()
			8:
				message["data"] = reader.bytes()
			_:
				reader.skip()
	return message


## Bytes of a PromptChange.
static func encode_prompt_change(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("prompt", "") != "":
		_put_string(out, 10, message["prompt"])
	return out


## Reads a PromptChange; fields it does not know are passed over.
static func decode_prompt_change(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["prompt"] = reader.text()
			_:
				reader.skip()
	return message


## Bytes of a ProtocolVersion.
static func encode_protocol_version(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("major", 0) != 0:
		_put_uint32(out, 8, message["major"])
	if message.get("minor", 0) != 0:
		_put_uint32(out, 16, message["minor"])
	return out


## Reads a ProtocolVersion; fields it does not know are passed over.
static func decode_protocol_version(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["major"] = reader.varint()
			2:
				message["minor"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a Quaternion.
static func encode_quaternion(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("x", 0.0) != 0.0:
		_put_float(out, 13, message["x"])
	if message.get("y", 0.0) != 0.0:
		_put_float(out, 21, message["y"])
	if message.get("z", 0.0) != 0.0:
		_put_float(out, 29, message["z"])
	if message.get("w", 0.0) != 0.0:
		_put_float(out, 37, message["w"])
	return out


## Reads a Quaternion; fields it does not know are passed over.
static func decode_quaternion(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["x"] = reader.float32()
			2:
				message["y"] = reader.float32()
			3:
				message["z"] = reader.float32()
			4:
				message["w"] = reader.float32()
			_:
				reader.skip()
	return message


## Bytes of a Scene.
static func encode_scene(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	for item: Dictionary in message.get("characters", []):
		_put_bytes(out, 10, encode_character(item))
	for item: Dictionary in message.get("objects", []):
		_put_bytes(out, 18, encode_scene_object(item))
	if message.get("near", 0.0) != 0.0:
		_put_float(out, 29, message["near"])
	if message.get("far", 0.0) != 0.0:
		_put_float(out, 37, message["far"])
	return out


## Reads a Scene; fields it does not know are passed over.
static func decode_scene(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message.get_or_add("characters", []).append(decode_character(reader.bytes()))
			2:
				message.get_or_add("objects", []).append(decode_scene_object(reader.bytes()))
			3:
				message["near"] = reader.float32()
			4:
				message["far"] = reader.float32()
			_:
				reader.skip()
	return message


## Bytes of a SceneObject.
static func encode_scene_object(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("id", "") != "":
		_put_string(out, 10, message["id"])
	if message.get("name", "") != "":
		_put_string(out, 18, message["name"])
	if message.has("bounds"):
		_put_bytes(out, 26, encode_bounds(message["bounds"]))
	if message.get("owner_id", 0) != 0:
		_put_uint32(out, 32, message["owner_id"])
	return out


## Reads a SceneObject; fields it does not know are passed over.
static func decode_scene_object(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["id"] = reader.text()
			2:
				message["name"] = reader.text()
			3:
				message["bounds"] = decode_bounds(reader.bytes())
			4:
				message["owner_id"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a ShotClosed.
static func encode_shot_closed(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("received", 0) != 0:
		_put_uint64(out, 8, message["received"])
	if message.get("generated", 0) != 0:
		_put_uint64(out, 16, message["generated"])
	if message.get("dropped", 0) != 0:
		_put_uint64(out, 24, message["dropped"])
	if message.get("seconds", 0.0) != 0.0:
		_put_double(out, 33, message["seconds"])
	return out


## Reads a ShotClosed; fields it does not know are passed over.
static func decode_shot_closed(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["received"] = reader.varint()
			2:
				message["generated"] = reader.varint()
			3:
				message["dropped"] = reader.varint()
			4:
				message["seconds"] = reader.float64()
			_:
				reader.skip()
	return message


## Bytes of a ShotFailed.
static func encode_shot_failed(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("code", 0) != 0:
		_put_uint32(out, 8, message["code"])
	if message.get("message", "") != "":
		_put_string(out, 18, message["message"])
	if message.get("field", "") != "":
		_put_string(out, 26, message["field"])
	return out


## Reads a ShotFailed; fields it does not know are passed over.
static func decode_shot_failed(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["code"] = reader.varint()
			2:
				message["message"] = reader.text()
			3:
				message["field"] = reader.text()
			_:
				reader.skip()
	return message


## Bytes of a ShotReady.
static func encode_shot_ready(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.has("protocol_version"):
		_put_bytes(out, 10, encode_protocol_version(message["protocol_version"]))
	if message.get("server_version", "") != "":
		_put_string(out, 18, message["server_version"])
	if message.get("model", "") != "":
		_put_string(out, 26, message["model"])
	if message.get("chunk_length", 0) != 0:
		_put_uint32(out, 32, message["chunk_length"])
	if message.has("frame_size"):
		_put_bytes(out, 42, encode_size(message["frame_size"]))
	if message.get("expected_latency_ms", 0.0) != 0.0:
		_put_float(out, 53, message["expected_latency_ms"])
	if message.has("limits"):
		_put_bytes(out, 58, encode_limits(message["limits"]))
	if message.get("credit", 0) != 0:
		_put_uint32(out, 64, message["credit"])
	if message.get("resume_token", "") != "":
		_put_string(out, 74, message["resume_token"])
	if message.get("provider", "") != "":
		_put_string(out, 82, message["provider"])
	if message.get("steps", 0) != 0:
		_put_uint32(out, 88, message["steps"])
	if message.get("expected_fps", 0.0) != 0.0:
		_put_float(out, 101, message["expected_fps"])
	if message.get("takes_prompt", false) != false:
		_put_bool(out, 104, message["takes_prompt"])
	return out


## Reads a ShotReady; fields it does not know are passed over.
static func decode_shot_ready(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["protocol_version"] = decode_protocol_version(reader.bytes())
			2:
				message["server_version"] = reader.text()
			3:
				message["model"] = reader.text()
			4:
				message["chunk_length"] = reader.varint()
			5:
				message["frame_size"] = decode_size(reader.bytes())
			6:
				message["expected_latency_ms"] = reader.float32()
			7:
				message["limits"] = decode_limits(reader.bytes())
			8:
				message["credit"] = reader.varint()
			9:
				message["resume_token"] = reader.text()
			10:
				message["provider"] = reader.text()
			11:
				message["steps"] = reader.varint()
			12:
				message["expected_fps"] = reader.float32()
			13:
				message["takes_prompt"] = reader.boolean()
			_:
				reader.skip()
	return message


## Bytes of a Size.
static func encode_size(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("width", 0) != 0:
		_put_uint32(out, 8, message["width"])
	if message.get("height", 0) != 0:
		_put_uint32(out, 16, message["height"])
	return out


## Reads a Size; fields it does not know are passed over.
static func decode_size(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["width"] = reader.varint()
			2:
				message["height"] = reader.varint()
			_:
				reader.skip()
	return message


## Bytes of a StageTimings.
static func encode_stage_timings(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("queue_ms", 0.0) != 0.0:
		_put_float(out, 13, message["queue_ms"])
	if message.get("decode_ms", 0.0) != 0.0:
		_put_float(out, 21, message["decode_ms"])
	if message.get("conditioning_ms", 0.0) != 0.0:
		_put_float(out, 29, message["conditioning_ms"])
	if message.get("diffusion_ms", 0.0) != 0.0:
		_put_float(out, 37, message["diffusion_ms"])
	if message.get("encode_ms", 0.0) != 0.0:
		_put_float(out, 45, message["encode_ms"])
	if message.get("total_ms", 0.0) != 0.0:
		_put_float(out, 53, message["total_ms"])
	return out


## Reads a StageTimings; fields it does not know are passed over.
static func decode_stage_timings(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["queue_ms"] = reader.float32()
			2:
				message["decode_ms"] = reader.float32()
			3:
				message["conditioning_ms"] = reader.float32()
			4:
				message["diffusion_ms"] = reader.float32()
			5:
				message["encode_ms"] = reader.float32()
			6:
				message["total_ms"] = reader.float32()
			_:
				reader.skip()
	return message


## Bytes of a StreamShotRequest.
static func encode_stream_shot_request(message: Dictionary) -> PackedByteArray:
	return _joined(_parts_stream_shot_request(message))


static func _parts_stream_shot_request(message: Dictionary) -> Array[PackedByteArray]:
	var parts: Array[PackedByteArray] = []
	var out := PackedByteArray()
	if message.has("open_shot"):
		_put_bytes(out, 10, encode_open_shot(message["open_shot"]))
	if message.has("engine_frame"):
		out = _put_parts(parts, out, 18, _parts_engine_frame(message["engine_frame"]))
	if message.has("first_frame"):
		out = _put_parts(parts, out, 26, _parts_first_frame(message["first_frame"]))
	if message.has("prompt_change"):
		_put_bytes(out, 34, encode_prompt_change(message["prompt_change"]))
	if message.has("cut"):
		_put_bytes(out, 42, encode_cut(message["cut"]))
	if message.has("flush"):
		_put_bytes(out, 50, encode_flush(message["flush"]))
	if message.has("close"):
		_put_bytes(out, 58, encode_close(message["close"]))
	parts.append(out)
	return parts


## Reads a StreamShotRequest; fields it does not know are passed over.
static func decode_stream_shot_request(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["open_shot"] = decode_open_shot(reader.bytes())
			2:
				message["engine_frame"] = decode_engine_frame(reader.bytes())
			3:
				message["first_frame"] = decode_first_frame(reader.bytes())
			4:
				message["prompt_change"] = decode_prompt_change(reader.bytes())
			5:
				message["cut"] = decode_cut(reader.bytes())
			6:
				message["flush"] = decode_flush(reader.bytes())
			7:
				message["close"] = decode_close(reader.bytes())
			_:
				reader.skip()
	return message


## Bytes of a StreamShotResponse.
static func encode_stream_shot_response(message: Dictionary) -> PackedByteArray:
	return _joined(_parts_stream_shot_response(message))


static func _parts_stream_shot_response(message: Dictionary) -> Array[PackedByteArray]:
	var parts: Array[PackedByteArray] = []
	var out := PackedByteArray()
	if message.has("shot_ready"):
		_put_bytes(out, 10, encode_shot_ready(message["shot_ready"]))
	if message.has("generated_frame"):
		out = _put_parts(parts, out, 18, _parts_generated_frame(message["generated_frame"]))
	if message.has("frame_dropped"):
		_put_bytes(out, 26, encode_frame_dropped(message["frame_dropped"]))
	if message.has("credit"):
		_put_bytes(out, 34, encode_credit(message["credit"]))
	if message.has("notice"):
		_put_bytes(out, 42, encode_notice(message["notice"]))
	if message.has("control_preview"):
		out = _put_parts(parts, out, 50, _parts_control_preview(message["control_preview"]))
	if message.has("flushed"):
		_put_bytes(out, 58, encode_flushed(message["flushed"]))
	if message.has("shot_closed"):
		_put_bytes(out, 66, encode_shot_closed(message["shot_closed"]))
	if message.has("shot_failed"):
		_put_bytes(out, 74, encode_shot_failed(message["shot_failed"]))
	parts.append(out)
	return parts


## Reads a StreamShotResponse; fields it does not know are passed over.
static func decode_stream_shot_response(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["shot_ready"] = decode_shot_ready(reader.bytes())
			2:
				message["generated_frame"] = decode_generated_frame(reader.bytes())
			3:
				message["frame_dropped"] = decode_frame_dropped(reader.bytes())
			4:
				message["credit"] = decode_credit(reader.bytes())
			5:
				message["notice"] = decode_notice(reader.bytes())
			6:
				message["control_preview"] = decode_control_preview(reader.bytes())
			7:
				message["flushed"] = decode_flushed(reader.bytes())
			8:
				message["shot_closed"] = decode_shot_closed(reader.bytes())
			9:
				message["shot_failed"] = decode_shot_failed(reader.bytes())
			_:
				reader.skip()
	return message


## Bytes of a Transform.
static func encode_transform(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.has("position"):
		_put_bytes(out, 10, encode_vector3(message["position"]))
	if message.has("rotation"):
		_put_bytes(out, 18, encode_quaternion(message["rotation"]))
	if message.has("scale"):
		_put_bytes(out, 26, encode_vector3(message["scale"]))
	return out


## Reads a Transform; fields it does not know are passed over.
static func decode_transform(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["position"] = decode_vector3(reader.bytes())
			2:
				message["rotation"] = decode_quaternion(reader.bytes())
			3:
				message["scale"] = decode_vector3(reader.bytes())
			_:
				reader.skip()
	return message


## Bytes of a Vector3.
static func encode_vector3(message: Dictionary) -> PackedByteArray:
	var out := PackedByteArray()
	if message.get("x", 0.0) != 0.0:
		_put_float(out, 13, message["x"])
	if message.get("y", 0.0) != 0.0:
		_put_float(out, 21, message["y"])
	if message.get("z", 0.0) != 0.0:
		_put_float(out, 29, message["z"])
	return out


## Reads a Vector3; fields it does not know are passed over.
static func decode_vector3(bytes: PackedByteArray) -> Dictionary:
	var message := {}
	var reader := Reader.new(bytes)
	while reader.next():
		match reader.field:
			1:
				message["x"] = reader.float32()
			2:
				message["y"] = reader.float32()
			3:
				message["z"] = reader.float32()
			_:
				reader.skip()
	return message


static func _put_varint(out: PackedByteArray, value: int) -> void:
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
	## Number of the field that `next` stopped at.
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
			0:
				varint()
			1:
				float64()
			2:
				bytes()
			5:
				float32()
			_:
				push_error("Playblast: field %d has wire type %d, which nobody sends" % [field, _wire])
				_at = _data.size()

	## Steps over `length` bytes; returns where they began.
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
