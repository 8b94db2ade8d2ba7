@tool
extends EditorPlugin
## The Playblast addon's part in the editor: the dock, the settings, the line to the running game.

const AUTOLOAD := "Playblast"
const AUTOLOAD_SCRIPT := "game/playblast_game.gd"
const TITLE := "Playblast"
const ICON := &"playblast"

var _dock: PlayblastDock
## An EditorDock from Godot 4.6 on; before, the dock itself.
var _docked: Control


func _enable_plugin() -> void:
	add_autoload_singleton(AUTOLOAD, (get_script() as Script).resource_path.get_base_dir().path_join(AUTOLOAD_SCRIPT))
	# Whoever has just enabled it wants to see it; the next start leaves it where they left it.
	_show_dock.call_deferred()


func _disable_plugin() -> void:
	remove_autoload_singleton(AUTOLOAD)
	PlayblastSettings.forget()
	ProjectSettings.save()
	PlayblastEditorSettings.forget()


func _show_dock() -> void:
	if _docked.has_method(&"make_visible"):
		_docked.call(&"open")
		_docked.call(&"make_visible")
	else:
		(_docked.get_parent() as TabContainer).current_tab = _docked.get_index()


func _enter_tree() -> void:
	PlayblastSettings.declare()
	PlayblastEditorSettings.declare()
	PlayblastTranslation.use(TranslationServer.get_tool_locale())
	_dock = PlayblastDock.new()
	_dock.stream_under(self)
	if ClassDB.class_exists(&"EditorDock"):
		_docked = ClassDB.instantiate(&"EditorDock")
		_docked.set(&"title", TITLE)
		_docked.set(&"layout_key", "playblast")
		_docked.set(&"dock_icon", PlayblastIconButton.find(_dock, ICON))
		_docked.set(&"default_slot", DOCK_SLOT_RIGHT_UL)
		_docked.add_child(_dock)
		call(&"add_dock", _docked)
	else:
		_docked = _dock
		add_control_to_dock(DOCK_SLOT_RIGHT_UL, _dock)
	add_debugger_plugin(_dock.link())
	scene_changed.connect(_on_scene_changed)
	scene_saved.connect(_on_scene_saved)
	for edited: Signal in _edited():
		edited.connect(_dock.touch)


func _exit_tree() -> void:
	scene_changed.disconnect(_on_scene_changed)
	scene_saved.disconnect(_on_scene_saved)
	for edited: Signal in _edited():
		edited.disconnect(_dock.touch)
	_dock.close()
	remove_debugger_plugin(_dock.link())
	if _docked == _dock:
		remove_control_from_docks(_dock)
	else:
		call(&"remove_dock", _docked)
	_docked.queue_free()
	PlayblastTranslation.forget()


## Something is done, or undone.
func _edited() -> Array[Signal]:
	return [get_undo_redo().history_changed, get_undo_redo().version_changed]


func _on_scene_changed(_root: Node) -> void:
	_dock.change_scene()


func _on_scene_saved(_path: String) -> void:
	_dock.list_shots()
