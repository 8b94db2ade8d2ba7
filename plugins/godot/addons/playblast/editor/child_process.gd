@tool
class_name PlayblastChildProcess
extends Node
## A program that the editor starts, listens to, and that ends with it.

const POLL_SECONDS := 0.25

var _pipe := {}
## What each of its two outputs has said of a line that is not whole yet.
var _partial := {}
var _clock := 0.0


## Whether the program runs.
func is_running() -> bool:
	return not _pipe.is_empty() and OS.is_process_running(_pipe.pid)


## Ends the program. Safe to call twice.
func stop() -> void:
	if is_running():
		OS.kill(_pipe.pid)
	_pipe = {}


## Starts the program, with these variables in its environment, where secrets do not show in lists of processes; empty ones are
## left as they are. Returns whether it could be started.
func _launch(program: String, arguments: PackedStringArray, environment: Dictionary[String, String]) -> bool:
	stop()
	var was: Dictionary[String, String] = {}
	for variable in environment:
		if environment[variable] != "":
			was[variable] = OS.get_environment(variable)
			OS.set_environment(variable, environment[variable])
	_pipe = OS.execute_with_pipe(program, arguments, false)
	for variable in was:
		OS.set_environment(variable, was[variable])
	_partial = {"stdio": "", "stderr": ""}
	return not _pipe.is_empty()


## Called with each line that the program prints.
func _hear(_line: String) -> void:
	pass


## Called when the program has ended by itself.
func _after_end() -> void:
	pass


## Not when it leaves the tree: a dock that is moved elsewhere does.
func _notification(what: int) -> void:
	if what == NOTIFICATION_PREDELETE:
		stop()


func _process(delta: float) -> void:
	_clock += delta
	if _pipe.is_empty() or _clock < POLL_SECONDS:
		return
	_clock = 0.0
	# Before its last words are read.
	var has_ended := not OS.is_process_running(_pipe.pid)
	# What nobody reads would fill the pipe and stop the program.
	for output: String in _partial:
		_partial[output] += (_pipe[output] as FileAccess).get_as_text() + ("\n" if has_ended else "")
		while _partial[output].contains("\n"):
			var line: String = _partial[output].get_slice("\n", 0)
			_partial[output] = _partial[output].substr(line.length() + 1)
			if line.strip_edges() != "":
				_hear(line)
	if has_ended:
		_pipe = {}
		_after_end()
