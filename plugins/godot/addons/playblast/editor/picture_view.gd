@tool
class_name PlayblastPictureView
extends Control
## The generated picture, as large as there is room, with a slider that uncovers the engine's own picture of the same tick.

## The slider was moved.
signal split_changed(split: float)

const SMALLEST := Vector2(128, 72)
const HANDLE_WIDTH := 12.0
const KNOB_RADIUS := 6.0
## Of the picture while there is none.
const USUAL_ASPECT := 16.0 / 9.0

## The picture that is shown.
var picture: PlayblastPicture
## How much of the engine's picture is uncovered, from the left, 0 to 1.
var split := 0.0:
	set(value):
		split = clampf(value, 0.0, 1.0)
		queue_redraw()
		split_changed.emit(split)
## What to say while there is no picture.
var placeholder := "":
	set(value):
		placeholder = value
		queue_redraw()

var _generated := ImageTexture.new()
var _engine := ImageTexture.new()
var _is_dragging := false


func _init() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)
	custom_minimum_size = SMALLEST
	clip_contents = true
	texture_filter = TEXTURE_FILTER_LINEAR
	size_flags_horizontal = SIZE_EXPAND_FILL
	focus_mode = FOCUS_ALL
	tooltip_text = tr("Drag to compare with the engine's own picture of the same tick.")


## Shows a picture, or none.
func show_picture(new_picture: PlayblastPicture) -> void:
	picture = new_picture
	if picture:
		_put(_generated, picture.generated)
		_put(_engine, picture.engine)
	queue_redraw()


## Width over height of the picture.
func aspect() -> float:
	return float(picture.generated.get_width()) / picture.generated.get_height() if picture else USUAL_ASPECT


## Where the picture is drawn: in the middle, in its own shape.
func picture_rect() -> Rect2:
	if picture == null:
		return Rect2(Vector2.ZERO, size)
	var shape := Vector2(picture.generated.get_size())
	var drawn := shape * minf(size.x / shape.x, size.y / shape.y)
	return Rect2(((size - drawn) / 2.0).floor(), drawn.floor())


func _put(texture: ImageTexture, image: Image) -> void:
	if texture.get_size() == Vector2(image.get_size()):
		texture.update(image)
	else:
		texture.set_image(image)


func _draw() -> void:
	var font := get_theme_default_font()
	var font_size := get_theme_default_font_size()
	draw_rect(Rect2(Vector2.ZERO, size), get_theme_color(&"dark_color_2", &"Editor"))
	if picture == null:
		var at := Vector2(0.0, (size.y - font.get_multiline_string_size(placeholder, HORIZONTAL_ALIGNMENT_CENTER, size.x - 16.0, font_size).y) / 2.0 + font.get_ascent(font_size))
		draw_multiline_string(font, at + Vector2(8.0, 0.0), placeholder, HORIZONTAL_ALIGNMENT_CENTER, size.x - 16.0, font_size, -1, get_theme_color(&"font_placeholder_color", &"LineEdit"))
		return
	var rect := picture_rect()
	draw_texture_rect(_generated, rect, false)
	var x := rect.position.x + rect.size.x * split
	if split > 0.0:
		var part := Vector2(_engine.get_size()) * Vector2(split, 1.0)
		draw_texture_rect_region(_engine, Rect2(rect.position, Vector2(rect.size.x * split, rect.size.y)), Rect2(Vector2.ZERO, part))
		_label(font, font_size, tr("Engine"), rect.position + Vector2(6.0, 0.0), rect, x)
		_label(font, font_size, tr("Generated"), Vector2(rect.end.x - 6.0 - font.get_string_size(tr("Generated"), HORIZONTAL_ALIGNMENT_LEFT, -1, font_size).x, rect.position.y), rect, x)
	var accent := get_theme_color(&"accent_color", &"Editor")
	draw_line(Vector2(x, rect.position.y), Vector2(x, rect.end.y), accent, 2.0)
	draw_circle(Vector2(clampf(x, rect.position.x + KNOB_RADIUS, rect.end.x - KNOB_RADIUS), rect.get_center().y), KNOB_RADIUS, accent)


func _label(font: Font, font_size: int, text: String, at: Vector2, rect: Rect2, split_x: float) -> void:
	var width := font.get_string_size(text, HORIZONTAL_ALIGNMENT_LEFT, -1, font_size).x
	var is_left := at.x < split_x and at.x + width <= split_x
	var is_right := at.x >= split_x and at.x + width <= rect.end.x
	if is_left or is_right:
		var baseline := at + Vector2(0.0, font.get_ascent(font_size) + 4.0)
		draw_string_outline(font, baseline, text, HORIZONTAL_ALIGNMENT_LEFT, -1, font_size, 4, Color(0, 0, 0, 0.8))
		draw_string(font, baseline, text, HORIZONTAL_ALIGNMENT_LEFT, -1, font_size, Color.WHITE)


func _gui_input(event: InputEvent) -> void:
	var button := event as InputEventMouseButton
	if button and button.button_index == MOUSE_BUTTON_LEFT:
		_is_dragging = button.pressed
	if picture and ((button and button.pressed and _is_dragging) or (event is InputEventMouseMotion and _is_dragging)):
		var rect := picture_rect()
		split = ((event as InputEventMouse).position.x - rect.position.x) / rect.size.x
		accept_event()
	if event.is_action_pressed(&"ui_left", true) or event.is_action_pressed(&"ui_right", true):
		split += -0.05 if event.is_action(&"ui_left") else 0.05
		accept_event()


func _get_cursor_shape(at := Vector2.ZERO) -> CursorShape:
	var rect := picture_rect()
	return CURSOR_HSIZE if picture and absf(at.x - rect.position.x - rect.size.x * split) < HANDLE_WIDTH else CURSOR_ARROW
