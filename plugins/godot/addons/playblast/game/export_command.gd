@tool
class_name PlayblastExportCommand
extends RefCounted
## The command line's export: `godot --path PROJECT [SCENE] --fixed-fps 24 -- --playblast-export SHOT OUT`.

const FLAG := "--playblast-export"
const PREFIX := "--playblast-"
const HELP := """Generates a shot of this project, every tick, none lost.

  godot --path PROJECT [SCENE] --fixed-fps RATE -- --playblast-export SHOT OUT [options]

SHOT    a scene file (res://shots/lift.tscn), the name of a PlayblastShot in the scene that starts, or
        both (res://shots/lift.tscn#Wide)
OUT     an .mp4 file, or a folder for numbered PNG pictures

  --playblast-ticks N            pictures to make; default: the shot's, or as long as its animation is
  --playblast-animation NAME     animation of the scene's AnimationPlayer
  --playblast-size WxH           size in pixels; default: the shot's
  --playblast-frame-rate N       pictures a second; default: the shot's
  --playblast-first-frame FILE   PNG, JPEG or WebP picture that sets the look; default: the shot's, or the engine's own
  --playblast-seed N             the same seed gives the same pictures
  --playblast-model ID           one of the server's models
  --playblast-server ADDRESS     host:port, ws://... or wss://...; its token is taken from PLAYBLAST_TOKEN
  --playblast-record-as NAME     also has the server record a take
  --playblast-json               progress and result as lines of JSON
  --playblast-help               prints this

An export that was interrupted goes on when the same command runs again."""

var _values: Dictionary[String, String] = {}
var _shot_name := ""
var _out := ""
var _problem := ""
var _last_told := 0


## Reads the arguments after `--`; null where they ask for no export.
static func read(arguments: PackedStringArray) -> PlayblastExportCommand:
	if not FLAG in arguments and not PREFIX + "help" in arguments:
		return null
	var command := PlayblastExportCommand.new()
	var i := 0
	while i < arguments.size():
		var argument := arguments[i]
		if argument == FLAG:
			if i + 2 >= arguments.size() or arguments[i + 1].begins_with("--") or arguments[i + 2].begins_with("--"):
				command._problem = "%s needs a shot and a place: %s SHOT OUT. See %shelp." % [FLAG, FLAG, PREFIX]
				return command
			command._shot_name = arguments[i + 1]
			command._out = arguments[i + 2]
			i += 2
		elif argument in [PREFIX + "json", PREFIX + "help"]:
			command._values[argument] = ""
		elif argument.begins_with(PREFIX):
			if not HELP.contains(argument + " ") or i + 1 >= arguments.size():
				command._problem = "%s is no option, or has no value. See %shelp." % [argument, PREFIX]
				return command
			command._values[argument] = arguments[i + 1]
			i += 1
		i += 1
	return command


## Runs the export and quits with 0, or with 1 where it failed.
func run(tree: SceneTree) -> void:
	if _values.has(PREFIX + "help"):
		print(HELP)
		tree.quit(0)
		return
	var error := _problem if _problem != "" else await _run(tree)
	if _values.has(PREFIX + "json"):
		print(JSON.stringify({"ok": error == "", "out": _out, "error": error}))
	elif error == "":
		print("Playblast: exported %s" % _out)
	else:
		printerr("Playblast: not exported: ", error)
	tree.quit(0 if error == "" else 1)


func _run(tree: SceneTree) -> String:
	var scene_path := _shot_name.get_slice("#", 0) if _shot_name.contains(".tscn") or _shot_name.contains(".scn") else ""
	var shot_name := _shot_name.get_slice("#", 1) if _shot_name.contains("#") else ("" if scene_path != "" else _shot_name)
	if scene_path != "" and not scene_path.begins_with("res://"):
		scene_path = "res://" + scene_path
	if scene_path != "" and not ResourceLoader.exists(scene_path):
		return "there is no scene %s in this project" % scene_path
	while tree.current_scene == null:
		await tree.process_frame
	if scene_path != "" and tree.current_scene.scene_file_path != scene_path:
		tree.change_scene_to_file(scene_path)
		while tree.current_scene == null or tree.current_scene.scene_file_path != scene_path:
			await tree.process_frame
	var scene := tree.current_scene
	var shot := PlayblastShotFinder.find(scene, shot_name)
	if shot == null and shot_name != "":
		var names := PlayblastShotFinder.all(scene).map(func(one: PlayblastShot) -> String: return one.name)
		return "the scene %s has no PlayblastShot named %s; it has: %s" % [scene.scene_file_path, shot_name, ", ".join(names) if not names.is_empty() else "none"]
	if shot == null:
		shot = PlayblastShot.new()
		shot.root = scene
		scene.add_child(shot)
		var players := scene.find_children("*", "AnimationPlayer", true, false)
		shot.animation_player = players[0] if not players.is_empty() else null
	var problem := _apply(shot)
	if problem != "":
		return problem
	# The window shows nothing of the scene: drawing it again would only cost time.
	tree.root.disable_3d = true
	shot.export_advanced.connect(_tell)
	shot.notice_received.connect(func(message: String) -> void: _say({"notice": message}, message))
	return await shot.export_to(_out, Callable(), _value("record-as"))


func _value(name: String) -> String:
	return _values.get(PREFIX + name, "")


func _apply(shot: PlayblastShot) -> String:
	for name: String in ["ticks", "frame-rate", "seed"]:
		var text := _value(name)
		if text != "" and not text.is_valid_float():
			return "%s%s is %s; it must be a number" % [PREFIX, name, text]
	var size := _value("size").split("x")
	if _value("size") != "" and (size.size() != 2 or not size[0].is_valid_int() or not size[1].is_valid_int()):
		return "%ssize is %s; it must be WIDTHxHEIGHT, such as 256x144" % [PREFIX, _value("size")]
	if _value("size") != "":
		shot.frame_size = Vector2i(int(size[0]), int(size[1]))
	shot.ticks = int(_value("ticks")) if _value("ticks") != "" else shot.ticks
	shot.frame_rate = float(_value("frame-rate")) if _value("frame-rate") != "" else shot.frame_rate
	shot.seed_number = int(_value("seed")) if _value("seed") != "" else shot.seed_number
	shot.first_frame = _value("first-frame") if _value("first-frame") != "" else shot.first_frame
	shot.model = _value("model") if _value("model") != "" else shot.model
	shot.address = _value("server") if _value("server") != "" else shot.address
	shot.animation = StringName(_value("animation")) if _value("animation") != "" else shot.animation
	return ""


func _tell(done: int, all: int) -> void:
	# Once a second, and at the end.
	if done < all and Time.get_ticks_msec() - _last_told < 1000:
		return
	_last_told = Time.get_ticks_msec()
	_say({"done": done, "all": all}, "%d of %d pictures" % [done, all])


func _say(as_json: Dictionary, in_words: String) -> void:
	print(JSON.stringify(as_json) if _values.has(PREFIX + "json") else "Playblast: " + in_words)
