@tool
class_name PlayblastShotSection
extends PlayblastDockSection
## The dock's part about what is looked at, and as which of the scene's shots.

## The user chose another shot.
signal chosen_again

var _source := Label.new()
var _shot := list()
## The user's choice for each scene, by its root's instance id: a name, or "" for the whole scene.
var _choices: Dictionary[int, String] = {}


func _ready() -> void:
	head(tr("Shot"))
	_source.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_source.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	_source.mouse_filter = MOUSE_FILTER_STOP
	field(tr("Looks At"), _source, tr("The running game, if it was started from this editor, else the scene that is being edited."))
	field(tr("Shot"), _shot, tr("A PlayblastShot node of the scene says camera, size, rate and timeline. Without one, the scene's camera and the project's settings are used."))
	_shot.item_selected.connect(_on_selected)
	list_shots()


## The chosen PlayblastShot's name, or "" for the whole scene.
func chosen() -> String:
	return _shot.get_item_text(_shot.selected) if _shot.selected > 0 else ""


## Says what is looked at.
func show_source(title: String) -> void:
	_source.text = title


## Lists the PlayblastShot nodes of the edited scene; what was chosen stays chosen. A scene's first shot is chosen by itself.
func list_shots() -> void:
	var root := EditorInterface.get_edited_scene_root()
	var shots := PlayblastShotFinder.all(root) if root else ([] as Array[PlayblastShot])
	_shot.clear()
	_shot.add_item(tr("The whole scene"))
	for shot in shots:
		_shot.add_item(shot.name)
	var wanted: String = _choices.get(root.get_instance_id(), String(shots[0].name) if not shots.is_empty() else "") if root else ""
	for index in range(1, _shot.item_count):
		if _shot.get_item_text(index) == wanted:
			_shot.select(index)


func _on_selected(_index: int) -> void:
	var root := EditorInterface.get_edited_scene_root()
	if root:
		_choices[root.get_instance_id()] = chosen()
	chosen_again.emit()
