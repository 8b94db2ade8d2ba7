@tool
class_name PlayblastServerProcess
extends PlayblastChildProcess
## A server that the editor starts.

## The server ended by itself; `said` is what it printed last.
signal ended(said: String)

const MOST_CHARACTERS := 1000
const LOOPBACK: Array[String] = ["127.0.0.1", "localhost"]

var _said := ""


## Starts a server for `address` with `token`. Returns "" or why it cannot be started.
func start(address: PlayblastServerAddress, token: String, chosen_command: String, take_folder: String) -> String:
	stop()
	if address.problem() != "":
		return address.problem()
	if address.host not in LOOPBACK:
		return tr("A server can be started on this machine only: set the address to 127.0.0.1:%d.") % address.port
	var command := PlayblastCommand.find(chosen_command)
	if not command.is_there():
		return tr(PlayblastCommand.HOW_TO_GET)
	if command.program.is_absolute_path() and not FileAccess.file_exists(command.program):
		return tr("There is no %s. Check Editor Settings > Playblast > Server > Command.") % command.program
	_said = ""
	var arguments := command.arguments + PackedStringArray([
		"serve", "--ws-port", str(address.port), "--port", "0", "--takes", take_folder, "--log-level", "warn", "--end-with-stdin"])
	if not _launch(command.program, arguments, {PlayblastSettings.TOKEN_VARIABLE: token}):
		return tr("%s cannot be run. Check Editor Settings > Playblast > Server > Command.") % command.program
	return ""


func _hear(line: String) -> void:
	_said = (_said + line + "\n").right(MOST_CHARACTERS)


func _after_end() -> void:
	ended.emit(_said.strip_edges())
