@tool
class_name PlayblastPaintOver
extends Node
## A round trip through a paint program: the engine's picture goes out as a PNG, and each time the file is saved it comes back as
## the look.

## The file was saved; `bytes` is the encoded picture.
signal painted(path: String, bytes: PackedByteArray)

const POLL_SECONDS := 0.5

var path := ""
var _time := 0
var _newest_time := 0
var _clock := 0.0


## Writes the picture to `to` and opens it in this machine's paint program. Returns "" or what went wrong.
func begin(picture: Image, to: String) -> String:
	var error := picture.save_png(to)
	if error != OK:
		return tr("%s cannot be written (%s).") % [to, error_string(error)]
	watch(to)
	error = OS.shell_open(to)
	if error != OK:
		return tr("No program opens %s by itself. Open it in a paint program: each time it is saved, it becomes the look.") % to
	return ""


## Watches a picture file from now on.
func watch(file: String) -> void:
	path = file
	_time = FileAccess.get_modified_time(path)
	_newest_time = _time


## Watches nothing any more.
func end() -> void:
	path = ""


func _process(delta: float) -> void:
	_clock += delta
	if path == "" or _clock < POLL_SECONDS:
		return
	_clock = 0.0
	var time := FileAccess.get_modified_time(path)
	# A paint program that is still saving has touched the file again by the next look.
	if time != _newest_time:
		_newest_time = time
		return
	if time == _time or time == 0:
		return
	_time = time
	var bytes := FileAccess.get_file_as_bytes(path)
	if not bytes.is_empty():
		painted.emit(path, bytes)
