@tool
class_name PlayblastExportRow
extends VBoxContainer
## The dock's export button and how far the export is.

## The user chose where to export to; `path` is an .mp4 file.
signal place_chosen(path: String)
## The export has something to say that ends nothing.
signal noticed(message: String)
## Something cannot be done; `message` says what to do.
signal failed(message: String)
## The export is done.
signal finished(path: String)

var _export := PlayblastExportProcess.new()
var _button := PlayblastIconButton.new(&"MainMovieWrite")
var _says := Label.new()
var _progress := ProgressBar.new()
var _files := EditorFileDialog.new()
var _path := ""


func _ready() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)
	add_child(_export, false, INTERNAL_MODE_FRONT)
	_export.advanced.connect(_on_advanced)
	_export.noticed.connect(noticed.emit)
	_export.ended.connect(_on_ended)
	_button.pressed.connect(_on_pressed)
	add_child(_button)
	_says.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_says.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	add_child(_says)
	add_child(_progress)
	_files.access = EditorFileDialog.ACCESS_FILESYSTEM
	_files.file_mode = EditorFileDialog.FILE_MODE_SAVE_FILE
	_files.filters = ["*.mp4;" + tr("Video")]
	_files.file_selected.connect(place_chosen.emit)
	add_child(_files, false, INTERNAL_MODE_BACK)
	_show_state()


## Exports a shot of a scene file, of so many pictures a second; `options` hold "address", "token", "first_frame" and "model".
func export_shot(shot: String, path: String, frame_rate: float, options: Dictionary) -> void:
	_path = path
	var problem := _export.start(shot, path, frame_rate, options)
	_progress.value = 0.0
	_says.text = tr("Exporting %s ...") % path.get_file()
	_show_state()
	if problem != "":
		failed.emit(problem)


## Ends the export, if one runs. Safe to call twice.
func cancel() -> void:
	_export.stop()
	_show_state()


func _on_pressed() -> void:
	if _export.is_running():
		cancel()
		noticed.emit(tr("The export was cancelled. What is there stays, and the next export to the same place goes on from it."))
		return
	var root := EditorInterface.get_edited_scene_root()
	if root == null or root.scene_file_path == "":
		failed.emit(tr("Save the scene first: an export reads it from its file."))
		return
	_files.popup_file_dialog()


func _on_advanced(done: int, all: int) -> void:
	_progress.max_value = all
	_progress.value = done
	_says.text = tr("Exporting %s: %d of %d") % [_path.get_file(), done, all]


func _on_ended(error: String) -> void:
	_show_state()
	if error != "":
		failed.emit(error)
	else:
		finished.emit(_path)


func _show_state() -> void:
	var runs := _export.is_running()
	_button.text = tr("Cancel Export") if runs else tr("Export...")
	_button.icon_name = &"Stop" if runs else &"MainMovieWrite"
	_button.tooltip_text = tr("End the export. What is there stays.") if runs else tr("Paint every tick of the shot, none lost, to a video.")
	_progress.visible = runs
	_says.visible = runs
