extends Node
## What the addon does inside a running game, as the autoload Playblast: exports when the command line asks for it, and obeys
## the editor's dock. In a game that runs by itself it does nothing.

## The dock's messages, as the debugger names them.
const CAPTURE := &"playblast"

var _shot: PlayblastShot
var _command: PlayblastExportCommand


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	_command = PlayblastExportCommand.read(OS.get_cmdline_user_args())
	if _command:
		_command.run.call_deferred(get_tree())
	elif EngineDebugger.is_active():
		EngineDebugger.register_message_capture(CAPTURE, _obey)
		EngineDebugger.send_message("playblast:ready", [])


func _exit_tree() -> void:
	if EngineDebugger.has_capture(CAPTURE):
		EngineDebugger.unregister_message_capture(CAPTURE)


## One message of the dock's: see PlayblastGameLink.
func _obey(message: String, data: Array) -> bool:
	match message:
		"start":
			_start(data[0])
		"stop":
			_stop()
		"freeze":
			if _live():
				_live().freeze(data[0])
		"look":
			if _live():
				_live().take_look(data[0], data[1])
		"hold":
			if _live():
				_live().hold(data[0])
		"prompt":
			if _live():
				_live().change_prompt(data[0])
		_:
			return false
	return true


func _live() -> PlayblastLiveShot:
	return _shot.live() if is_instance_valid(_shot) else null


func _start(options: Dictionary) -> void:
	_stop()
	PlayblastTranslation.use(options.get("locale", ""))
	set_translation_domain(PlayblastTranslation.DOMAIN)
	var scene := get_tree().current_scene
	if scene == null:
		EngineDebugger.send_message("playblast:state", [PlayblastLiveShot.State.FAILED, tr("The game has no scene yet."), {}, {}])
		return
	_shot = PlayblastShotFinder.find(scene, options.get("shot", ""))
	if _shot == null:
		# The dock lists the shots of the edited scene, and another one may be running.
		_shot = PlayblastShotFinder.find(scene)
	if _shot == null:
		_shot = PlayblastShot.new()
		add_child(_shot)
		_shot.root = scene
	_shot.apply(options)
	_shot.state_changed.connect(_tell_state)
	_shot.picture_generated.connect(_tell_picture)
	_shot.notice_received.connect(_tell_notice)
	_shot.start_live(options.get("record_as", ""), options.get("look", PackedByteArray()))


func _stop() -> void:
	if not is_instance_valid(_shot):
		return
	_shot.stop_live()
	if _shot.state_changed.is_connected(_tell_state):
		_shot.state_changed.disconnect(_tell_state)
		_shot.picture_generated.disconnect(_tell_picture)
		_shot.notice_received.disconnect(_tell_notice)
	if _shot.get_parent() == self:
		_shot.queue_free()
	_shot = null


func _tell_state(state: PlayblastLiveShot.State, text: String) -> void:
	EngineDebugger.send_message("playblast:state", [state, text, _live().ready_message if _live() else {}, _live().about if _live() else {}])


func _tell_picture(picture: PlayblastPicture) -> void:
	EngineDebugger.send_message("playblast:picture", [
		picture.tick, picture.generated.get_size(), picture.generated.get_data(), picture.engine.get_size(), picture.engine.get_data(),
		picture.latency_ms, _live().rate()])


func _tell_notice(message: String) -> void:
	EngineDebugger.send_message("playblast:notice", [message])
