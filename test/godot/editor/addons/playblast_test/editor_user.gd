@tool
class_name EditorUser
extends RefCounted
## What a user does in the editor, and what one sees there.

const GREEN := Color(0.2, 0.75, 0.3)
const STATE := PlayblastLiveShot.State
const EMBED := "run/window_placement/game_embed_mode"
const NEVER_EMBED := -1
## Software rendering is slow, and slower beside other tests.
const PATIENCE_SECONDS := 20.0

## The command line's: "server" is an address, "token_server" one that wants TOKEN.
var options: Dictionary[String, String]
var _tree: SceneTree


func _init(tree: SceneTree, with_options: Dictionary[String, String]) -> void:
	_tree = tree
	options = with_options


## Waits until the editor has read the project.
func wait_for_editor() -> void:
	await until(func() -> bool: return not EditorInterface.get_resource_filesystem().is_scanning() and docks().size() == 1, 60.0)
	await frames(10)
	# A viewport that is not drawn costs no time.
	EditorInterface.set_main_screen_editor("Script")
	# Without a window manager the game's window cannot be put into the editor's.
	EditorInterface.get_editor_settings().set_setting(EMBED, NEVER_EMBED)
	show_dock()


## Everything as it was at the start: nothing streams, no scene is open, nothing is chosen.
func tidy_up() -> void:
	if EditorInterface.is_playing_scene():
		EditorInterface.stop_playing_scene()
		await until(func() -> bool: return not EditorInterface.is_playing_scene())
	if docks().is_empty():
		return
	show_dock()
	await frames(3)
	dock().stop()
	dock()._say_problem("")
	while EditorInterface.get_edited_scene_root():
		EditorInterface.close_scene()
		await frames(3)
	write(dock()._server._token, "", false)
	write(dock()._server._address, options.server, false)
	dock()._server._chosen_model = ""
	dock()._look._source.select(0)
	dock()._look._source.item_selected.emit(0)
	dock()._view.split = 0.0
	EditorInterface.get_editor_settings().set_setting(PlayblastSettings.SERVER_COMMAND, "")
	ProjectSettings.set_setting(PlayblastSettings.SMOOTH, true)


## The editor's settings are shared with other projects.
func leave_editor() -> void:
	EditorInterface.get_editor_settings().erase(EMBED)


## Waits until something holds; false when it does not within so many seconds.
func until(condition: Callable, seconds := PATIENCE_SECONDS) -> bool:
	var end := Time.get_ticks_msec() + int(seconds * 1000.0)
	while not condition.call():
		if Time.get_ticks_msec() > end:
			return false
		await _tree.process_frame
	return true


func frames(count: int) -> void:
	for frame in count:
		await _tree.process_frame


func seconds(count: float) -> void:
	await _tree.create_timer(count).timeout


## All of the addon's docks that there are; one, where it is enabled.
func docks() -> Array[Node]:
	return EditorInterface.get_base_control().find_children("*", "PlayblastDock", true, false)


func dock() -> PlayblastDock:
	return docks()[0]


func show_dock() -> void:
	var holder := dock().get_parent()
	if holder.has_method(&"make_visible"):
		holder.call(&"open")
		holder.call(&"make_visible")


## What a test says where something else came than expected.
func situation() -> String:
	if docks().is_empty():
		return "there is no dock"
	return "the dock says '%s', '%s'; picture of tick %d" % [says(), problem(), tick()]


## Presses the dock's button whose text or tooltip begins like this; one that is disabled is not pressed.
func press(name: String) -> bool:
	var found := button(name)
	if found == null or found.disabled:
		return false
	if found.toggle_mode:
		found.set_pressed_no_signal(not found.button_pressed)
	found.pressed.emit()
	return true


func button(name: String) -> Button:
	for found: Button in dock().find_children("*", "Button", true, false):
		if found.is_visible_in_tree() and (found.text.begins_with(name) or found.tooltip_text.begins_with(name)):
			return found
	return null


## Writes into a field, and presses Enter.
func write(field: LineEdit, text: String, enter := true) -> void:
	field.text = text
	field.text_changed.emit(text)
	if enter:
		field.text_submitted.emit(text)


## Chooses an entry of a list; false where it has none of this text.
func choose(list: OptionButton, text: String) -> bool:
	for index in list.item_count:
		if list.get_item_text(index) == text:
			list.select(index)
			list.item_selected.emit(index)
			return true
	return false


func open(scene: String) -> Node:
	EditorInterface.open_scene_from_path(scene)
	await until(func() -> bool: return EditorInterface.get_edited_scene_root() != null and EditorInterface.get_edited_scene_root().scene_file_path == scene)
	EditorInterface.set_main_screen_editor("Script")
	await frames(3)
	return root()


## Makes a scene file of a node and opens it.
func open_made(made: Node, scene: String) -> Node:
	for node: Node in made.find_children("*", "", true, false):
		node.owner = made
	var packed := PackedScene.new()
	packed.pack(made)
	made.free()
	DirAccess.make_dir_recursive_absolute(scene.get_base_dir())
	ResourceSaver.save(packed, scene)
	return await open(scene)


func root() -> Node:
	return EditorInterface.get_edited_scene_root()


## Adds a node to the edited scene.
func add(node: Node) -> void:
	root().add_child(node)
	node.owner = root()


func state() -> PlayblastLiveShot.State:
	return dock()._preview.state


func is_live() -> bool:
	return state() == STATE.LIVE


func says() -> String:
	return dock()._state.text


## What the dock says went wrong; "" where nothing did.
func problem() -> String:
	return dock()._problem.text


func picture() -> PlayblastPicture:
	return dock()._view.picture


## The tick of the picture that is shown; -1 where there is none.
func tick() -> int:
	return picture().tick if picture() else -1


## What streams the edited scene.
func live() -> PlayblastLiveShot:
	return dock()._scene_preview._live


## Whether the newest tick that was captured is painted and shown.
func is_newest_shown() -> bool:
	return is_live() and tick() >= 0 and tick() == live()._tick and live()._is_flushed


## Ids of the characters or objects that the open shot has.
func declared(what: String) -> Array:
	return live()._declared[what].map(func(thing: Dictionary) -> String: return thing.id)


## Puts the edited scene's animation where a user drags the timeline to.
func scrub(seconds_now: float) -> void:
	var player: AnimationPlayer = root().get_node("AnimationPlayer")
	player.assigned_animation = &"roll"
	player.seek(seconds_now, true)


## Asks the test outside for something, such as "server down".
func ask(for_what: String) -> void:
	print("ASK ", for_what)


## Middle of what is red in a picture, in pixels.
static func red_middle(image: Image) -> Vector2:
	var sum := Vector2.ZERO
	var count := 0
	for y in image.get_height():
		for x in image.get_width():
			var colour := image.get_pixel(x, y)
			if colour.r > 0.5 and colour.g < 0.3 and colour.b < 0.3:
				sum += Vector2(x + 0.5, y + 0.5)
				count += 1
	return sum / count if count > 0 else Vector2(-1, -1)


## A picture that no scene of the tests looks like.
static func green(size: Vector2i) -> Image:
	var image := Image.create_empty(size.x, size.y, false, Image.FORMAT_RGB8)
	image.fill(GREEN)
	return image


## Whether a picture is painted in that look.
static func is_green(image: Image) -> bool:
	var sum := Vector3.ZERO
	for x in range(0, image.get_width(), 16):
		for y in range(0, image.get_height(), 16):
			var colour := image.get_pixel(x, y)
			sum += Vector3(colour.r, colour.g, colour.b)
	return sum.y > sum.x * 1.5 and sum.y > sum.z * 1.5
