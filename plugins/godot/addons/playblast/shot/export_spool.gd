@tool
class_name PlayblastExportSpool
extends RefCounted
## What an export has captured and what came back, in a folder: so that nothing is lost when the server, or Godot, goes away.
##
## Holds `export.json` (what the export is of), `first_frame.bin` and `ticks.bin` (requests as they are sent, packed), and the
## pictures as 000123.png, numbered by their ticks.

const ABOUT := "export.json"
const LOOK := "first_frame.bin"
const TICKS := "ticks.bin"
const PACKING := FileAccess.COMPRESSION_ZSTD
## Packed size, size, and whether a cut comes before it, 32 bits each.
const HEADER_BYTES := 12

var folder: String
var _file: FileAccess
## Where each tick begins in the file.
var _starts: Array[int] = []
var _end := 0


## Opens the spool in `folder`, going on with what is there if it is of the same export: `about` says what it is of. Returns "" or
## what is wrong.
func open(in_folder: String, about: Dictionary) -> String:
	folder = in_folder
	var error := DirAccess.make_dir_recursive_absolute(folder)
	if error != OK:
		return "The folder %s cannot be made (%s). Choose another place." % [folder, error_string(error)]
	var said := JSON.stringify(about, "\t", true)
	if FileAccess.get_file_as_string(folder.path_join(ABOUT)) != said:
		_remove_all()
		var file := FileAccess.open(folder.path_join(ABOUT), FileAccess.WRITE)
		if file == null:
			return "%s cannot be written to (%s). Choose another place." % [folder, error_string(FileAccess.get_open_error())]
		file.store_string(said)
	var path := folder.path_join(TICKS)
	_file = FileAccess.open(path, FileAccess.READ_WRITE if FileAccess.file_exists(path) else FileAccess.WRITE_READ)
	if _file == null:
		return "%s cannot be written to (%s). Choose another place." % [path, error_string(FileAccess.get_open_error())]
	_find_ticks()
	return ""


## How many ticks are captured.
func count() -> int:
	return _starts.size()


## Adds the next tick's request, and whether a cut comes before it.
func append(request: PackedByteArray, cuts: bool) -> void:
	var packed := request.compress(PACKING)
	_file.seek(_end)
	_file.store_32(packed.size())
	_file.store_32(request.size())
	_file.store_32(int(cuts))
	_file.store_buffer(packed)
	_file.flush()
	_starts.append(_end)
	_end += HEADER_BYTES + packed.size()


## A tick's request.
func read(index: int) -> PackedByteArray:
	_file.seek(_starts[index])
	var packed := _file.get_32()
	var size := _file.get_32()
	_file.get_32()
	return _file.get_buffer(packed).decompress(size, PACKING)


## Whether a cut comes before a tick.
func is_cut(index: int) -> bool:
	_file.seek(_starts[index] + HEADER_BYTES - 4)
	return _file.get_32() == 1


## The first frame's request; empty before there is one.
func look() -> PackedByteArray:
	return FileAccess.get_file_as_bytes(folder.path_join(LOOK)) if FileAccess.file_exists(folder.path_join(LOOK)) else PackedByteArray()


## Keeps the first frame's request.
func keep_look(request: PackedByteArray) -> void:
	FileAccess.open(folder.path_join(LOOK), FileAccess.WRITE).store_buffer(request)


## Where a tick's picture is, or will be.
func picture_path(tick: int) -> String:
	return folder.path_join("%06d.png" % tick)


## Whether a tick's picture is there.
func has_picture(tick: int) -> bool:
	return FileAccess.file_exists(picture_path(tick))


## Removes all but the pictures.
func keep_pictures() -> void:
	_file = null
	for file: String in [ABOUT, LOOK, TICKS]:
		DirAccess.remove_absolute(folder.path_join(file))


## Removes everything, and the folder.
func remove() -> void:
	_file = null
	_remove_all()
	DirAccess.remove_absolute(folder)


## A tick that was being written when Godot ended is cut off.
func _find_ticks() -> void:
	_starts.clear()
	_end = 0
	while _end + HEADER_BYTES <= _file.get_length():
		_file.seek(_end)
		var next := _end + HEADER_BYTES + _file.get_32()
		if next > _file.get_length():
			break
		_starts.append(_end)
		_end = next
	_file.resize(_end)


func _remove_all() -> void:
	for file in DirAccess.get_files_at(folder):
		if file in [ABOUT, LOOK, TICKS] or (file.get_extension() == "png" and file.get_basename().is_valid_int()):
			DirAccess.remove_absolute(folder.path_join(file))
