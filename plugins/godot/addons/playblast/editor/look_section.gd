@tool
class_name PlayblastLookSection
extends PlayblastDockSection
## The dock's part about the look: the first frame, painting it over, and the words.

## The look changed, or is to be taken anew: an encoded picture, or the engine's own where it is empty. `of_tick` is the tick
## that it was painted over, or PlayblastLiveShot.NO_TICK.
signal look_taken(file: PackedByteArray, of_tick: int)
## The picture that is shown is about to be painted over.
signal paint_pressed
## The user wrote other words.
signal prompt_changed(prompt: String)

enum Source { ENGINE, FILE }
const PROMPT_HEIGHT := 56.0
const FILE_FILTER := "*.png,*.jpg,*.jpeg,*.webp;%s"

var _paint_over := PlayblastPaintOver.new()
var _look := PackedByteArray()
var _source := OptionButton.new()
var _take_again := PlayblastIconButton.new(&"Reload")
var _paint := PlayblastIconButton.new(&"Edit")
var _file := Label.new()
var _prompt_label: Label
var _prompt := TextEdit.new()
var _files := EditorFileDialog.new()


func _ready() -> void:
	head(tr("Look"))
	add_child(_paint_over, false, INTERNAL_MODE_FRONT)
	_paint_over.painted.connect(_use)
	_paint_over.failed.connect(failed.emit)
	for label: String in [tr("Engine's picture"), tr("File...")]:
		_source.add_item(label)
	_source.fit_to_longest_item = false
	_source.clip_text = true
	_source.item_selected.connect(_on_source_selected)
	field(tr("First Frame"), _source, tr("The picture that sets the look: what the camera sees, or a picture of yours of the same view."))
	_file.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_file.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	_file.mouse_filter = MOUSE_FILTER_STOP
	_file.visible = false
	_take_again.text = tr("Take Now")
	_take_again.tooltip_text = tr("Set the look anew, from what the camera sees now.")
	_take_again.pressed.connect(func() -> void: look_taken.emit(_look, PlayblastLiveShot.NO_TICK))
	_paint.text = tr("Paint Over...")
	_paint.tooltip_text = tr("Open the engine's picture in a paint program. Each time it is saved, it becomes the look.")
	_paint.pressed.connect(paint_pressed.emit)
	add_child(_file)
	row([_take_again, _paint])
	_prompt.custom_minimum_size.y = PROMPT_HEIGHT * EditorInterface.get_editor_scale()
	_prompt.wrap_mode = TextEdit.LINE_WRAPPING_BOUNDARY
	_prompt.placeholder_text = tr("What the pictures should show")
	_prompt.text_changed.connect(func() -> void: prompt_changed.emit(_prompt.text))
	_prompt_label = field(tr("Prompt"), _prompt, tr("What the pictures should show, for models that take text."))
	_files.access = EditorFileDialog.ACCESS_FILESYSTEM
	_files.file_mode = EditorFileDialog.FILE_MODE_OPEN_FILE
	_files.filters = [FILE_FILTER % tr("Pictures")]
	_files.file_selected.connect(_on_file_chosen)
	_files.canceled.connect(_show_source)
	add_child(_files, false, INTERNAL_MODE_BACK)


## The chosen picture, encoded; empty for the engine's own.
func look() -> PackedByteArray:
	return _look


## Path of the chosen picture; "" for the engine's own.
func look_path() -> String:
	return _paint_over.path if not _look.is_empty() else ""


## The user's words.
func prompt() -> String:
	return _prompt.text


## Says what can be done now, and whether the model takes words.
func allow(may_take: bool, may_paint: bool, takes_prompt: bool) -> void:
	_take_again.disabled = not may_take
	_paint.disabled = not may_paint
	for control: Control in [_prompt_label, _prompt]:
		control.visible = takes_prompt


## Begins to paint over a picture.
func paint_over(picture: PlayblastPicture) -> void:
	var problem := _paint_over.begin(picture.engine, picture.tick)
	if problem != "":
		failed.emit(problem)


func _on_source_selected(index: int) -> void:
	if index == Source.FILE:
		_files.popup_file_dialog()
		return
	_paint_over.end()
	_look = PackedByteArray()
	_show_source()
	look_taken.emit(_look, PlayblastLiveShot.NO_TICK)


func _on_file_chosen(path: String) -> void:
	var bytes := FileAccess.get_file_as_bytes(path)
	if bytes.is_empty():
		_show_source()
		failed.emit(tr("%s cannot be read (%s). Choose another picture.") % [path, error_string(FileAccess.get_open_error())])
		return
	_use(path, bytes, PlayblastLiveShot.NO_TICK)
	if _look == bytes:
		_paint_over.watch(path)


func _use(path: String, bytes: PackedByteArray, of_tick: int) -> void:
	if not _is_picture(bytes):
		_show_source()
		failed.emit(tr("%s is no PNG, JPEG or WebP picture. Choose another one, or save it as one of these.") % path)
		return
	_look = bytes
	_file.text = path.get_file()
	_file.tooltip_text = tr("%s\nIt is taken again each time it is saved.") % path
	_show_source()
	look_taken.emit(bytes, of_tick)


## By the bytes that files of these kinds begin with.
static func _is_picture(file: PackedByteArray) -> bool:
	var begins := file.slice(0, 12)
	return (begins.hex_encode().begins_with("89504e470d0a1a0a") or begins.hex_encode().begins_with("ffd8ff")
		or (begins.slice(0, 4).get_string_from_ascii() == "RIFF" and begins.slice(8, 12).get_string_from_ascii() == "WEBP"))


## The list shows what is so, also after the file dialog was cancelled.
func _show_source() -> void:
	_source.select(Source.ENGINE if _look.is_empty() else Source.FILE)
	_file.visible = not _look.is_empty()
