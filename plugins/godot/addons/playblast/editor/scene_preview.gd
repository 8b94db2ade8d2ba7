@tool
class_name PlayblastScenePreview
extends PlayblastPreview
## Streams the scene that is being edited, without running it: while an animation is scrubbed, or something is moved by hand.

var _live: PlayblastLiveShot
var _shot: PlayblastShot


## Whether the edited scene has anything 3D in it.
static func is_there() -> bool:
	var root := EditorInterface.get_edited_scene_root()
	return root is VisualInstance3D or (root != null and not root.find_children("*", "VisualInstance3D", true, false).is_empty())


func start(options: Dictionary) -> void:
	stop()
	var root := EditorInterface.get_edited_scene_root()
	if not is_there():
		_enter(PlayblastLiveShot.State.FAILED, tr("There is no 3D scene to look at. Open one, then press Connect."))
		return
	_shot = PlayblastShot.new()
	var chosen := PlayblastShotFinder.find(root, options.get("shot", ""))
	if chosen:
		_shot.copy(chosen)
	_shot.apply(options)
	_live = PlayblastLiveShot.new(_shot, chosen.scene_root() if chosen else root, options.get("record_as", ""))
	_live.state_changed.connect(_on_state_changed)
	_live.picture_shown.connect(_on_picture_shown)
	_live.notice_received.connect(notice_received.emit)
	if not options.get("look", PackedByteArray()).is_empty():
		_live.take_look(options.look)
	add_child(_live)


func stop() -> void:
	if is_instance_valid(_live):
		_live.stop()
		_live.queue_free()
		_live = null
		_shot.free()
	elif state != PlayblastLiveShot.State.STOPPED:
		_enter(PlayblastLiveShot.State.STOPPED, tr("Stopped"))


func freeze(is_frozen: bool) -> void:
	if is_instance_valid(_live):
		_live.freeze(is_frozen)


func take_look(file: PackedByteArray, of_tick := PlayblastLiveShot.NO_TICK) -> void:
	if is_instance_valid(_live):
		_live.take_look(file, of_tick)


func hold(tick: int) -> void:
	if is_instance_valid(_live):
		_live.hold(tick)


func touch() -> void:
	if is_instance_valid(_live):
		_live.touch()


func change_prompt(prompt: String) -> void:
	if is_instance_valid(_live):
		_live.change_prompt(prompt)


func title() -> String:
	var root := EditorInterface.get_edited_scene_root()
	return tr("Edited scene: %s") % root.name if root else tr("No scene")


func _exit_tree() -> void:
	stop()


func _on_state_changed(new_state: PlayblastLiveShot.State, text: String) -> void:
	ready_message = _live.ready_message
	about = _live.about
	_enter(new_state, text)


func _process(_delta: float) -> void:
	rate = _live.rate() if is_instance_valid(_live) else 0.0


func _on_picture_shown(picture: PlayblastPicture) -> void:
	picture_shown.emit(picture)
