@tool
class_name PlayblastServerProcess
extends Node
## A server that the editor starts, and that ends with it.

## The server ended by itself; `said` is what it printed.
signal ended(said: String)

const POLL_SECONDS := 0.5

var _pipe := {}
var _said := ""
var _clock := 0.0


## Starts a server for `address` with `token`. Returns "" or why it cannot be started.
func start(address: PlayblastServerAddress, token: String, chosen_command: String, take_folder: String) -> String:
	stop()
	if address.problem() != "":
		return address.problem()
	if address.host not in ["127.0.0.1", "localhost"]:
		return tr("A server can be started on this machine only: set the address to 127.0.0.1:%d.") % address.port
	var command := PlayblastCommand.find(chosen_command)
	if not command.is_there():
		return tr(PlayblastCommand.HOW_TO_GET)
	if command.program.is_absolute_path() and not FileAccess.file_exists(command.program):
		return tr("There is no %s. Check Editor Settings > Playblast > Server > Command.") % command.program
	# The token must not show in lists of processes; a started server inherits this.
	var was := OS.get_environment(PlayblastSettings.TOKEN_VARIABLE)
	if token != "":
		OS.set_environment(PlayblastSettings.TOKEN_VARIABLE, token)
	_pipe = OS.execute_with_pipe(command.program, command.arguments + PackedStringArray([
		"serve", "--ws-port", str(address.port), "--port", "0", "--takes", take_folder, "--log-level", "warn", "--end-with-stdin"]), false)
	if token != "":
		OS.set_environment(PlayblastSettings.TOKEN_VARIABLE, was)
	_said = ""
	if _pipe.is_empty():
		return tr("%s cannot be run. Check Editor Settings > Playblast > Server > Command.") % command.program
	return ""


## Whether the server runs.
func is_running() -> bool:
	return not _pipe.is_empty() and OS.is_process_running(_pipe.pid)


## Ends the server. Safe to call twice.
func stop() -> void:
	if is_running():
		OS.kill(_pipe.pid)
	_pipe = {}


func _exit_tree() -> void:
	stop()


func _process(delta: float) -> void:
	_clock += delta
	if _pipe.is_empty() or _clock < POLL_SECONDS:
		return
	_clock = 0.0
	# What nobody reads would fill the pipe and stop the server.
	for pipe: FileAccess in [_pipe.stdio, _pipe.stderr]:
		var text := pipe.get_as_text()
		if text != "":
			_said = (_said + text).right(4000)
	if not OS.is_process_running(_pipe.pid):
		_pipe = {}
		ended.emit(_said.strip_edges())
