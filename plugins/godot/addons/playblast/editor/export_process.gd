@tool
class_name PlayblastExportProcess
extends Node
## An export that the dock starts: another Godot that runs the scripted export (see game/export_command.gd), so that neither the
## editor waits nor the edited scene moves.

## So many of all pictures are there.
signal advanced(done: int, all: int)
## The export has something to say that ends nothing.
signal noticed(message: String)
## The export ended; `error` is "" when it ended well.
signal ended(error: String)

const POLL_SECONDS := 0.25

var _pipe := {}
var _line := ""
var _last_words := ""
var _clock := 0.0
var _result := ""
var _is_done := false


## Exports a shot ("res://scene.tscn#Name", or without a name) to `out`. Returns "" or why it cannot be started.
func start(shot: String, out: String, frame_rate: float, address: String, token: String, first_frame: String) -> String:
	stop()
	var arguments := PackedStringArray([
		"--path", ProjectSettings.globalize_path("res://"), "--fixed-fps", str(roundi(frame_rate)), "--audio-driver", "Dummy",
		"--rendering-method", RenderingServer.get_current_rendering_method(),
		"--rendering-driver", RenderingServer.get_current_rendering_driver_name(),
		"--", PlayblastExportCommand.FLAG, shot, out, "--playblast-json", "--playblast-server", address])
	if first_frame != "":
		arguments.append_array(["--playblast-first-frame", first_frame])
	var was := OS.get_environment(PlayblastSettings.TOKEN_VARIABLE)
	if token != "":
		OS.set_environment(PlayblastSettings.TOKEN_VARIABLE, token)
	_pipe = OS.execute_with_pipe(OS.get_executable_path(), arguments, false)
	if token != "":
		OS.set_environment(PlayblastSettings.TOKEN_VARIABLE, was)
	_line = ""
	_last_words = ""
	_result = ""
	_is_done = false
	return "" if not _pipe.is_empty() else tr("Godot cannot be started a second time for the export.")


## Whether an export runs.
func is_running() -> bool:
	return not _pipe.is_empty()


## Ends the export; what is there already stays. Safe to call twice.
func stop() -> void:
	if is_running() and OS.is_process_running(_pipe.pid):
		OS.kill(_pipe.pid)
	_pipe = {}


func _exit_tree() -> void:
	stop()


func _process(delta: float) -> void:
	_clock += delta
	if _pipe.is_empty() or _clock < POLL_SECONDS:
		return
	_clock = 0.0
	_read((_pipe.stdio as FileAccess).get_as_text())
	var words := (_pipe.stderr as FileAccess).get_as_text().strip_edges()
	_last_words = words if words != "" else _last_words
	if not OS.is_process_running(_pipe.pid):
		_read((_pipe.stdio as FileAccess).get_as_text() + "\n")
		_pipe = {}
		ended.emit(_result if _is_done else tr("The export ended unexpectedly. %s") % _last_words.right(500))


func _read(text: String) -> void:
	_line += text
	while _line.contains("\n"):
		var line := _line.get_slice("\n", 0)
		_line = _line.substr(line.length() + 1)
		var said: Variant = JSON.parse_string(line) if line.begins_with("{") else null
		if not said is Dictionary:
			continue
		if said.has("done"):
			advanced.emit(int(said.done), int(said.all))
		elif said.has("notice"):
			noticed.emit(said.notice)
		elif said.has("ok"):
			_is_done = true
			_result = said.error
