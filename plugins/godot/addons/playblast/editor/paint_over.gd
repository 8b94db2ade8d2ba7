@tool
class_name PlayblastPaintOver
extends Node
## A round trip through a paint program: the engine's picture goes out as a PNG, and each time the file is saved it comes back as
## the look.

## The file was saved; `bytes` is the encoded picture, `of_tick` the tick that it is painted over, or PlayblastLiveShot.NO_TICK.
signal painted(path: String, bytes: PackedByteArray, of_tick: int)
## No program opened the picture; `message` says what to do.
signal failed(message: String)

const POLL_SECONDS := 0.5
const FOLDER := "user://playblast_looks"
const FILE_FORMAT := "first-frame-%s-%d.png"

## The file that is watched.
var path := ""
var _tick := PlayblastLiveShot.NO_TICK
var _state := ""
var _newest_state := ""
var _clock := 0.0
## The program that opens the picture, while it is not known whether it does.
var _opener := -1
var _is_ours := false


func _init() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)


## Writes the picture of a tick to a new file and opens it in this machine's paint program. Returns "" or what went wrong.
func begin(picture: Image, tick: int) -> String:
	end()
	var file := ProjectSettings.globalize_path(FOLDER).path_join(FILE_FORMAT % [Time.get_datetime_string_from_system().replace(":", "-"), tick])
	var error := DirAccess.make_dir_recursive_absolute(file.get_base_dir())
	if error == OK:
		error = picture.save_png(file)
	if error != OK:
		return tr("%s cannot be written (%s). Make room, or allow it.") % [file, error_string(error)]
	watch(file)
	_tick = tick
	_is_ours = true
	_open(file)
	return ""


## Watches a picture file from now on.
func watch(file: String) -> void:
	end()
	path = file
	_state = _state_of(path)
	_newest_state = _state


## Watches nothing any more. A picture that was written out and never painted over is removed.
func end() -> void:
	if _is_ours and FileAccess.file_exists(path):
		DirAccess.remove_absolute(path)
		# Only where it is empty.
		DirAccess.remove_absolute(path.get_base_dir())
	path = ""
	_tick = PlayblastLiveShot.NO_TICK
	_is_ours = false
	_opener = -1


## Not when it leaves the tree: a dock that is moved elsewhere does.
func _notification(what: int) -> void:
	if what == NOTIFICATION_PREDELETE:
		end()


func _process(delta: float) -> void:
	_clock += delta
	if path == "" or _clock < POLL_SECONDS:
		return
	_clock = 0.0
	if _opener >= 0 and not OS.is_process_running(_opener):
		if OS.get_process_exit_code(_opener) != 0:
			failed.emit(_no_program())
		_opener = -1
	var state := _state_of(path)
	# A paint program that is still saving has touched the file again by the next look.
	if state != _newest_state:
		_newest_state = state
		return
	if state == _state or state == "":
		return
	_state = state
	var bytes := FileAccess.get_file_as_bytes(path)
	if not bytes.is_empty():
		_is_ours = false
		painted.emit(path, bytes, _tick)


## Tells a file from the same one when it was saved again: times are whole seconds.
static func _state_of(file: String) -> String:
	var opened := FileAccess.open(file, FileAccess.READ)
	return "%d %d" % [FileAccess.get_modified_time(file), opened.get_length()] if opened else ""


func _open(file: String) -> void:
	# Elsewhere this returns at once; on Linux it would wait, in some desktops until the program ends.
	if OS.get_name() != "Linux":
		if OS.shell_open(file) != OK:
			failed.emit(_no_program())
		return
	_opener = OS.create_process("xdg-open", [file])
	if _opener < 0:
		failed.emit(_no_program())


func _no_program() -> String:
	return tr("No program opens %s by itself. Open it in a paint program: each time it is saved, it becomes the look.") % path
