@tool
class_name PlayblastGameLink
extends EditorDebuggerPlugin
## The editor's end of the line to the running game, over the debugger; the game's end is playblast_game.gd.

## A game that has the addon in it runs now.
signal game_started
## It has ended.
signal game_ended

const PREFIX := "playblast:"

var preview: PlayblastGamePreview
var _session := -1


## The session of the running game, or null.
func session() -> EditorDebuggerSession:
	if _session < 0:
		return null
	var found := get_session(_session)
	return found if found and found.is_active() else null


## Sends one of the dock's messages.
func send(message: String, data: Array) -> void:
	if session():
		session().send_message(PREFIX + message, data)


func _has_capture(capture: String) -> bool:
	return capture == PREFIX.trim_suffix(":")


func _capture(message: String, data: Array, session_id: int) -> bool:
	var what := message.trim_prefix(PREFIX)
	if what == "ready":
		_session = session_id
		game_started.emit()
	elif is_instance_valid(preview):
		preview.hear(what, data)
	return true


func _setup_session(session_id: int) -> void:
	get_session(session_id).stopped.connect(func() -> void:
		if session_id == _session:
			_session = -1
			game_ended.emit())
