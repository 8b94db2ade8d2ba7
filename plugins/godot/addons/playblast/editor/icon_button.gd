@tool
class_name PlayblastIconButton
extends Button
## A button with one of the editor's icons, or of ours, that follows the editor's theme.

const OWN_ICONS := "../icons/%s.svg"

## Name of the icon.
var icon_name: StringName:
	set(value):
		icon_name = value
		_dress()


func _init(with_icon: StringName) -> void:
	icon_name = with_icon


## One of the editor's icons, or of ours.
static func find(control: Control, icon_called: StringName) -> Texture2D:
	if control.has_theme_icon(icon_called, &"EditorIcons"):
		return control.get_theme_icon(icon_called, &"EditorIcons")
	var path := (PlayblastIconButton as Script).resource_path.get_base_dir().path_join(OWN_ICONS % icon_called).simplify_path()
	# When a project is opened for the first time, the dock is there before the addon's icons are imported.
	return load(path) if ResourceLoader.exists(path) else null


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED:
		_dress()


func _dress() -> void:
	icon = find(self, icon_name)
