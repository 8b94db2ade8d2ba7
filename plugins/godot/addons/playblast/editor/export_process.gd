@tool
class_name PlayblastExportProcess
extends PlayblastChildProcess
## An export that the dock starts: another Godot that runs the scripted export (see game/export_command.gd), so that neither the
## editor waits nor the edited scene moves.

## So many of all pictures are there.
signal advanced(done: int, all: int)
## The export has something to say that ends nothing.
signal noticed(message: String)
## The export ended; `error` is "" when it ended well.
signal ended(error: String)

var _last_words := ""
var _result := ""
var _is_done := false


## Exports a shot ("res://scene.tscn#Name", or without a name) to `out`; `options` hold "address", "token", "first_frame" and
## "model", the last three empty where nothing was chosen. Returns "" or why it cannot be started.
func start(shot: String, out: String, frame_rate: float, options: Dictionary) -> String:
	var arguments := PackedStringArray([
		"--path", ProjectSettings.globalize_path("res://"), "--fixed-fps", str(roundi(frame_rate)), "--audio-driver", "Dummy",
		"--rendering-method", RenderingServer.get_current_rendering_method(),
		"--rendering-driver", RenderingServer.get_current_rendering_driver_name(),
		# Also in a project that has no scene to start with.
		shot.get_slice("#", 0),
		"--", PlayblastExportCommand.FLAG, shot, out, "--playblast-json", "--playblast-server", options.address])
	for option: Array in [["--playblast-first-frame", options.first_frame], ["--playblast-model", options.model]]:
		if option[1] != "":
			arguments.append_array(option)
	_last_words = ""
	_result = ""
	_is_done = false
	# The command joins the pictures to a video.
	var environment: Dictionary[String, String] = {
		PlayblastSettings.TOKEN_VARIABLE: options.token,
		PlayblastCommand.VARIABLE: PlayblastEditorSettings.value(PlayblastSettings.SERVER_COMMAND),
	}
	if not _launch(OS.get_executable_path(), arguments, environment):
		return tr("Godot cannot be started a second time for the export.")
	return ""


func _hear(line: String) -> void:
	var said: Variant = JSON.parse_string(line) if line.begins_with("{") else null
	if not said is Dictionary:
		_last_words = line
	elif said.has("done"):
		advanced.emit(int(said.done), int(said.all))
	elif said.has("notice"):
		noticed.emit(said.notice)
	elif said.has("ok"):
		_is_done = true
		_result = said.error


func _after_end() -> void:
	ended.emit(_result if _is_done else tr("The export ended unexpectedly. %s") % _last_words)
