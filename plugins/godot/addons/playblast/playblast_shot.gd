@tool
@icon("res://addons/playblast/icons/playblast_shot.svg")
class_name PlayblastShot
extends Node
## A shot of this scene that a Playblast server paints: which camera, what moves, how large, in which look.
##
## Add one to a scene to say how the Playblast dock previews and exports it. It also works without the editor:
## [codeblock]
## $PlayblastShot.picture_generated.connect(func(picture: PlayblastPicture) -> void: print(picture.tick))
## $TextureRect.texture = $PlayblastShot.texture
## $PlayblastShot.start_live()
## [/codeblock]
## and in a script that exports:
## [codeblock]
## var error: String = await $PlayblastShot.export_to("user://shot.mp4")
## [/codeblock]
## Skeletons, lights and surfaces are found by themselves, and so is what moves: physics bodies, what an [AnimationPlayer] moves,
## what hangs on bones, and whatever is seen to move.

## The live shot's state changed; [param text] says it in words, for the user.
signal state_changed(state: PlayblastLiveShot.State, text: String)
## A picture came back and is shown in [member texture].
signal picture_generated(picture: PlayblastPicture)
## A tick will have no picture; [param reason] is a [code]PlayblastProtocol.DropReason[/code].
signal tick_dropped(tick: int, reason: int)
## The server has something to say that ends nothing.
signal notice_received(message: String)
## An export has come so far.
signal export_advanced(done: int, all: int)

## The camera to film with. Empty: the one that is current; a change of it is a cut.
@export var camera: Camera3D:
	set(value):
		camera = value
		update_configuration_warnings()
## Nodes to stream as moving objects, besides those that are found by themselves.
@export var objects: Array[Node3D] = []
## The part of the scene to stream. Empty: all of the scene that this node belongs to.
@export var root: Node
## Size of the pictures in pixels.
@export var frame_size := Vector2i(256, 144):
	set(value):
		frame_size = value.clamp(SMALLEST_SIZE, LARGEST_SIZE)
## Pictures a second.
@export_range(1.0, 240.0, 0.001, "suffix:fps") var frame_rate := 24.0

## Whether the engine's colours travel too: albedo, the ids of mesh surfaces, and the finished picture. They tell the server how the look paints what its
## first frame does not show. Without them a tick is half as large.
@export var send_materials := true

@export_group("Look")
## The picture that sets the look: what the camera sees at the first tick, painted over, or made elsewhere. Empty: the engine's own.
@export_global_file("*.png", "*.jpg", "*.jpeg", "*.webp") var first_frame := ""
## What the pictures should show, for models that take text.
@export_multiline var prompt := ""
## Id of one of the server's models. Empty: the server's default.
@export var model := ""
## The same seed gives the same pictures.
@export var seed_number := 0

@export_group("Timeline")
## What moves the scene in an export, seeked to each tick. Empty: the scene plays by itself, with a fixed time step.
@export var animation_player: AnimationPlayer
## Which of its animations; empty: the first.
@export var animation: StringName
## Ticks to export. 0: as long as the animation is.
@export_range(0, 1000000) var ticks := 0

@export_group("Server")
## The server's address, such as 127.0.0.1:50071 or wss://host:port. Empty: as the project settings have it.
@export var address := ""

const SMALLEST_SIZE := Vector2i(64, 64)
const LARGEST_SIZE := Vector2i(1920, 1088)

## The server's token; the environment's PLAYBLAST_TOKEN by default. Not saved with the scene.
var token := PlayblastSettings.token()
## The newest picture of the live shot.
var texture := ImageTexture.new()

var _live: PlayblastLiveShot
var _export: PlayblastExport


func _init() -> void:
	frame_size = PlayblastSettings.of_project(PlayblastSettings.FRAME_SIZE)
	frame_rate = PlayblastSettings.of_project(PlayblastSettings.FRAME_RATE)


func _get_configuration_warnings() -> PackedStringArray:
	var warnings := PackedStringArray()
	if is_inside_tree() and camera == null and PlayblastShotCamera.new(scene_root(), null).now() == null:
		warnings.append(tr("The scene has no Camera3D to film with. Add one, or choose one of another scene."))
	return warnings


## The node whose scene is streamed.
func scene_root() -> Node:
	if is_instance_valid(root):
		return root
	if owner:
		return owner
	if is_inside_tree() and get_tree().current_scene and get_tree().current_scene.is_ancestor_of(self):
		return get_tree().current_scene
	return get_parent() if get_parent() else self


## Where the server is.
func server() -> PlayblastServerAddress:
	return PlayblastServerAddress.parse(address if address != "" else PlayblastSettings.of_project(PlayblastSettings.ADDRESS))


## The bytes of the first frame's file; empty where none is chosen. [param problem] gets one line where it cannot be read.
func first_frame_bytes(problem: Array[String]) -> PackedByteArray:
	if first_frame == "":
		return PackedByteArray()
	var bytes := FileAccess.get_file_as_bytes(first_frame)
	if bytes.is_empty():
		problem.append(tr("The first frame %s cannot be read (%s). Choose another picture, or none for the engine's own.")
			% [first_frame, error_string(FileAccess.get_open_error())])
	return bytes


## Streams the scene while it plays, until [method stop_live]; with [param record_as] the server also records it as a take.
## [param look] is an encoded picture (PNG, JPEG, WebP) to take as the first frame instead of [member first_frame].
func start_live(record_as := "", look := PackedByteArray()) -> void:
	stop_live()
	_live = PlayblastLiveShot.new(self, scene_root(), record_as)
	if not look.is_empty():
		_live.take_look(look)
	_live.state_changed.connect(state_changed.emit)
	_live.tick_dropped.connect(tick_dropped.emit)
	_live.notice_received.connect(notice_received.emit)
	_live.picture_shown.connect(func(picture: PlayblastPicture) -> void:
		texture.set_image(picture.generated)
		picture_generated.emit(picture))
	add_child(_live, false, INTERNAL_MODE_BACK)


## Ends the live shot. Safe to call twice.
func stop_live() -> void:
	if is_instance_valid(_live):
		_live.stop()
		_live.queue_free()
	_live = null


## The live shot, or null.
func live() -> PlayblastLiveShot:
	return _live if is_instance_valid(_live) else null


## Takes over all that another shot asks for.
func copy(other: PlayblastShot) -> void:
	for property in ["camera", "objects", "root", "frame_size", "frame_rate", "send_materials", "first_frame", "prompt", "model", "seed_number", "animation_player", "animation", "ticks", "address"]:
		set(property, other.get(property))


## Takes over what a dock or a command chose: values by the names of this node's properties; others are left alone.
func apply(options: Dictionary) -> void:
	for option: String in ["frame_size", "frame_rate", "first_frame", "prompt", "model", "address", "token"]:
		if options.has(option):
			set(option, options[option])


## Says that the camera or the place jumps between the last tick and the next. Changes of camera are noticed by themselves.
func cut() -> void:
	if live():
		live().cut()


## Generates every tick, none lost, into [param path]: an .mp4 file or a folder of PNG pictures. Returns "" or what went wrong.
## [param pose_scene] puts the scene where it is at a tick, called with (tick, seconds), where no [member animation_player] does; it is
## called for all ticks once before, to see what moves.
## With [param record_as] the server also records the shot as a take of that name. [param path] may be "" then.
func export_to(path: String, pose_scene := Callable(), record_as := "") -> String:
	if is_instance_valid(_export):
		return tr("An export of this shot is running already.")
	_export = PlayblastExport.new(self, scene_root(), path, pose_scene, record_as)
	_export.advanced.connect(export_advanced.emit)
	_export.noticed.connect(notice_received.emit)
	add_child(_export, false, INTERNAL_MODE_BACK)
	var error: String = await _export.run()
	_export.queue_free()
	_export = null
	return error


## Ends a running export; what is there already stays, and the next export goes on from it.
func cancel_export() -> void:
	if is_instance_valid(_export):
		_export.cancel()
