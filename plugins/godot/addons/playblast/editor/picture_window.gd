@tool
class_name PlayblastPictureWindow
extends Window
## The dock's picture in a window of its own, with the same slider.

const SMALLEST := Vector2i(256, 144)

var _view := PlayblastPictureView.new()


func _ready() -> void:
	title = "Playblast"
	min_size = SMALLEST
	close_requested.connect(queue_free)
	_view.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	add_child(_view)


## Shows a picture, or none.
func show_picture(picture: PlayblastPicture) -> void:
	_view.show_picture(picture)


## Closes with Escape, as the editor's own windows do.
func _shortcut_input(event: InputEvent) -> void:
	if event.is_action_pressed(&"ui_cancel"):
		set_input_as_handled()
		queue_free()
