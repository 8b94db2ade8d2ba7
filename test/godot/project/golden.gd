extends SceneTree
## Writes and reads the golden messages with the addon's codec: `godot --headless --script res://golden.gd`.

const GOLDEN_FILE := "res://golden/messages.json"
## Lists of whole numbers; other lists of numbers are floats.
const WHOLE_NUMBERS := ["controls"]

var _report := Report.new()


func _initialize() -> void:
	var entries: Array = JSON.parse_string(FileAccess.get_file_as_string(GOLDEN_FILE))
	for entry: Dictionary in entries:
		_check_entry(entry)
	_check_damage(entries)
	_check_largest_tick()
	quit(_report.finish())


func _check_entry(entry: Dictionary) -> void:
	var bytes: PackedByteArray = entry.hex.hex_decode()
	var message: Dictionary = _from_json(entry.message)
	var decoded := _decode(entry.type, bytes)
	_report.check(_same(decoded, message), "reads %s" % entry.says, decoded)
	if not entry.has("read_only"):
		_report.check(_encode(entry.type, message) == bytes, "writes %s" % entry.says, _encode(entry.type, message).hex_encode())
		_report.check(_encode(entry.type, decoded) == bytes, "writes again what it read of %s" % entry.says)


## A message cut short at any byte, or with a length that leads backwards, ends the reading and not the editor.
func _check_damage(entries: Array) -> void:
	Engine.print_error_messages = false
	for entry: Dictionary in entries:
		var bytes: PackedByteArray = entry.hex.hex_decode()
		for length in bytes.size():
			_decode(entry.type, bytes.slice(0, length))
	var backwards := PlayblastProtocol.decode_stream_shot_response("22ffffffffffffffffff01".hex_decode())
	Engine.print_error_messages = true
	_report.check(backwards == {"credit": {}}, "reads nothing out of a length below zero", backwards)


## Ticks use all 63 bits that Godot's integers have; JSON and TypeScript stop at 53.
func _check_largest_tick() -> void:
	var largest := 0x7FFFFFFFFFFFFFFF
	var bytes := PlayblastProtocol.encode_engine_frame({"tick": largest})
	_report.check(bytes.hex_encode() == "08ffffffffffffffff7f", "writes the largest tick", bytes.hex_encode())
	_report.check(PlayblastProtocol.decode_engine_frame(bytes).tick == largest, "reads the largest tick")


func _encode(type: String, message: Dictionary) -> PackedByteArray:
	if type == "StreamShotRequest":
		return PlayblastProtocol.encode_stream_shot_request(message)
	return PlayblastProtocol.encode_stream_shot_response(message)


func _decode(type: String, bytes: PackedByteArray) -> Dictionary:
	if type == "StreamShotRequest":
		return PlayblastProtocol.decode_stream_shot_request(bytes)
	return PlayblastProtocol.decode_stream_shot_response(bytes)


## The file's values as the codec holds them: see golden/README.md.
func _from_json(value: Variant) -> Variant:
	if value is Array:
		if not value.is_empty() and value[0] is float:
			return PackedFloat32Array(value)
		return value.map(_from_json)
	if value is float and value == floorf(value):
		return int(value)
	if not value is Dictionary:
		return value
	if value.has("hex"):
		return value.hex.hex_decode()
	if value.has("number"):
		return {"Infinity": INF, "-Infinity": -INF, "NaN": NAN}[value.number]
	var message := {}
	for key: String in value:
		message[key] = PackedInt32Array(value[key]) if key in WHOLE_NUMBERS else _from_json(value[key])
	return message


## Equal all the way down; 1 and 1.0 are the same number.
func _same(a: Variant, b: Variant) -> bool:
	if a is Dictionary and b is Dictionary:
		return a.size() == b.size() and a.keys().all(func(key: String) -> bool: return b.has(key) and _same(a[key], b[key]))
	if a is Array and b is Array:
		return a.size() == b.size() and range(a.size()).all(func(i: int) -> bool: return _same(a[i], b[i]))
	if (a is int or a is float) and (b is int or b is float):
		return a == b
	return typeof(a) == typeof(b) and a == b
