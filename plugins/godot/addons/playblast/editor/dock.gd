@tool
class_name PlayblastDock
extends VBoxContainer
## The Playblast dock: the scene as the server paints it, and all that is needed to get there.

const RECORDING_FORMAT := "%s-%s"
const OWN_ICONS := "../icons/%s.svg"
const NO_SHOT := "The whole scene"
const STATE_ICONS := {
	PlayblastLiveShot.State.STOPPED: &"NodeInfo",
	PlayblastLiveShot.State.CONNECTING: &"Progress1",
	PlayblastLiveShot.State.LIVE: &"StatusSuccess",
	PlayblastLiveShot.State.FROZEN: &"Pause",
	PlayblastLiveShot.State.WAITING: &"StatusWarning",
	PlayblastLiveShot.State.FAILED: &"StatusError",
}
## Where the first frame comes from.
enum Look { ENGINE, FILE }

var _scene_preview := PlayblastScenePreview.new()
var _game_preview := PlayblastGamePreview.new()
var _preview: PlayblastPreview = _scene_preview
var _server := PlayblastServerProcess.new()
var _export := PlayblastExportProcess.new()
var _paint_over := PlayblastPaintOver.new()
var _look := PackedByteArray()
var _wants_stream := false

var _view := PlayblastPictureView.new()
var _window: Window
var _window_view: PlayblastPictureView
var _state_icon := TextureRect.new()
var _state := Label.new()
var _numbers := Label.new()
var _connect := Button.new()
var _freeze := Button.new()
var _record := Button.new()
var _export_button := Button.new()
var _pop_out := Button.new()
var _compare := Button.new()
var _progress := ProgressBar.new()
var _source := Label.new()
var _shot := OptionButton.new()
var _look_source := OptionButton.new()
var _look_again := Button.new()
var _paint := Button.new()
var _look_file := Label.new()
var _prompt := TextEdit.new()
var _prompt_row: Control
var _address := LineEdit.new()
var _token := LineEdit.new()
var _model := OptionButton.new()
var _start_server := Button.new()
var _files := EditorFileDialog.new()


func _init() -> void:
	name = "Playblast"
	custom_minimum_size = Vector2(320.0, 0.0) * EditorInterface.get_editor_scale()


func _ready() -> void:
	for part: Node in [_scene_preview, _game_preview, _server, _export, _paint_over]:
		add_child(part, false, INTERNAL_MODE_FRONT)
	_build()
	for preview: PlayblastPreview in [_scene_preview, _game_preview]:
		preview.state_changed.connect(func(_state_now: PlayblastLiveShot.State, _text: String) -> void: _on_state_changed(preview))
		preview.picture_shown.connect(func(picture: PlayblastPicture) -> void: _on_picture_shown(preview, picture))
		preview.notice_received.connect(_say_notice)
	_game_preview.link().game_started.connect(_on_game_started)
	_game_preview.link().game_ended.connect(_on_game_ended)
	_server.ended.connect(_on_server_ended)
	_export.advanced.connect(_on_export_advanced)
	_export.noticed.connect(_say_notice)
	_export.ended.connect(_on_export_ended)
	_paint_over.painted.connect(_on_painted)
	_on_state_changed(_preview)


func _exit_tree() -> void:
	stop()
	if is_instance_valid(_window):
		_window.queue_free()


## The debugger's side of the dock, for EditorPlugin.add_debugger_plugin.
func link() -> PlayblastGameLink:
	return _game_preview.link()


## Streams what there is to look at: the running game, else the edited scene.
func start() -> void:
	_wants_stream = true
	_preview.stop()
	_preview = _game_preview if _game_preview.is_there() else _scene_preview
	_preview.start(_options())


## Ends the stream. Safe to call twice.
func stop() -> void:
	_wants_stream = false
	_scene_preview.stop()
	_game_preview.stop()


## The edited scene is another one now.
func change_scene() -> void:
	list_shots()
	if _preview == _scene_preview:
		_view.show_picture(null)
		_on_state_changed(_preview)
		if _wants_stream and EditorInterface.get_edited_scene_root():
			start()


func _options(record_as := "") -> Dictionary:
	var options := {
		"address": _address.text,
		"token": _token.text,
		"look": _look if _look_source.selected == Look.FILE else PackedByteArray(),
		"record_as": record_as,
	}
	if _shot.selected > 0:
		options["shot"] = _shot.get_item_text(_shot.selected)
	if _model.selected > 0:
		options["model"] = _model.get_item_text(_model.selected)
	if _prompt.text != "":
		options["prompt"] = _prompt.text
	return options


func _build() -> void:
	var scale := EditorInterface.get_editor_scale()
	_row([_state_icon, _expanding(_state)])
	_state_icon.stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	_state_icon.size_flags_vertical = SIZE_SHRINK_BEGIN
	_state.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_view.custom_minimum_size = Vector2(160.0, 90.0) * scale
	add_child(_view)
	add_child(_progress)
	_progress.visible = false
	_numbers.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_button(_connect, tr("Connect"), &"Play", tr("Stream the running game, or the edited scene, to the server."), _on_connect_pressed)
	_button(_freeze, "", &"Pause", tr("Freeze: let the picture stand still, with the engine's picture of the same tick."), _on_freeze_pressed)
	_freeze.toggle_mode = true
	_button(_record, "", &"record", tr("Record: have the server keep what is streamed as a take, to be painted again later."), _on_record_pressed)
	_record.toggle_mode = true
	_button(_export_button, tr("Export..."), &"MainMovieWrite", tr("Paint every tick of the shot, none lost, to a video or a folder of pictures."), _on_export_pressed)
	_button(_compare, "", &"compare", tr("Compare with the engine's own picture."), _on_compare_pressed)
	_button(_pop_out, "", &"MakeFloating", tr("Show the picture in a window of its own."), _on_pop_out_pressed)
	_row([_expanding(_connect), _freeze, _record, _compare, _pop_out])
	_row([_expanding(_export_button)])
	add_child(_numbers)
	_section(tr("Shot"))
	_field(tr("Looks At"), _source)
	_source.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_field(tr("Shot"), _shot)
	_shot.tooltip_text = tr("A PlayblastShot node of the scene says camera, size, rate and timeline. Without one the scene's camera and the project's settings are used.")
	_shot.item_selected.connect(func(_index: int) -> void: _restart())
	for label: String in [tr("Engine's Picture"), tr("File...")]:
		_look_source.add_item(label)
	_look_source.item_selected.connect(_on_look_selected)
	_field(tr("First Frame"), _look_source)
	_button(_look_again, tr("Take Now"), &"Reload", tr("Set the look anew, from what the camera sees now."), _on_look_again_pressed)
	_button(_paint, tr("Paint Over..."), &"Edit", tr("Open the engine's picture in a paint program. Each time it is saved, it becomes the look."), _on_paint_pressed)
	_row([_expanding(_look_again), _expanding(_paint)])
	_look_file.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_look_file.visible = false
	add_child(_look_file)
	_prompt.custom_minimum_size = Vector2(0.0, 56.0) * scale
	_prompt.wrap_mode = TextEdit.LINE_WRAPPING_BOUNDARY
	_prompt.placeholder_text = tr("What the pictures should show")
	_prompt.text_changed.connect(func() -> void: _preview.change_prompt(_prompt.text))
	_prompt_row = _field(tr("Prompt"), _prompt)
	_section(tr("Server"))
	_address.text = PlayblastSettings.of_project(PlayblastSettings.ADDRESS)
	_address.placeholder_text = PlayblastSettings.PROJECT[PlayblastSettings.ADDRESS]
	_address.text_submitted.connect(func(_text: String) -> void: start())
	_field(tr("Address"), _address)
	_token.secret = true
	_token.text = _editor_setting(PlayblastSettings.TOKEN)
	_token.placeholder_text = tr("None")
	_token.text_submitted.connect(func(_text: String) -> void: start())
	_token.text_changed.connect(func(text: String) -> void: EditorInterface.get_editor_settings().set_setting(PlayblastSettings.TOKEN, text))
	_field(tr("Token"), _token)
	_model.add_item(tr("Server's Default"))
	_model.item_selected.connect(func(_index: int) -> void: _restart())
	_field(tr("Model"), _model)
	_button(_start_server, tr("Start Server"), &"Terminal", tr("Start a server on this machine. It ends with the editor."), _on_start_server_pressed)
	_row([_expanding(_start_server)])
	_files.access = EditorFileDialog.ACCESS_FILESYSTEM
	add_child(_files, false, INTERNAL_MODE_BACK)
	list_shots()


func _row(controls: Array) -> HBoxContainer:
	var row := HBoxContainer.new()
	for control: Control in controls:
		row.add_child(control)
	add_child(row)
	return row


func _section(title: String) -> void:
	var label := Label.new()
	label.text = title
	label.theme_type_variation = &"HeaderSmall"
	add_child(HSeparator.new())
	add_child(label)


func _field(title: String, control: Control) -> HBoxContainer:
	var label := Label.new()
	label.text = title
	label.custom_minimum_size.x = 84.0 * EditorInterface.get_editor_scale()
	return _row([label, _expanding(control)])


func _expanding(control: Control) -> Control:
	control.size_flags_horizontal = SIZE_EXPAND_FILL
	return control


func _button(button: Button, text: String, icon: StringName, tooltip: String, pressed: Callable) -> void:
	button.text = text
	button.tooltip_text = tooltip
	button.icon = _icon(icon)
	button.pressed.connect(pressed)


## One of the editor's icons, or of ours.
func _icon(icon: StringName) -> Texture2D:
	if has_theme_icon(icon, &"EditorIcons"):
		return get_theme_icon(icon, &"EditorIcons")
	return load((get_script() as Script).resource_path.get_base_dir().path_join(OWN_ICONS % icon))


func _editor_setting(setting: String) -> Variant:
	var settings := EditorInterface.get_editor_settings()
	return settings.get_setting(setting) if settings.has_setting(setting) else PlayblastSettings.EDITOR[setting]


func _restart() -> void:
	if _wants_stream:
		start()


## Lists the PlayblastShot nodes of the edited scene.
func list_shots() -> void:
	_shot.clear()
	_shot.add_item(tr(NO_SHOT))
	var root := EditorInterface.get_edited_scene_root()
	for shot in PlayblastShotFinder.all(root) if root else ([] as Array[PlayblastShot]):
		_shot.add_item(shot.name)
	if _shot.item_count > 1:
		_shot.select(1)


func _list_models() -> void:
	if not _preview.about.has("models"):
		return
	var chosen := _model.get_item_text(_model.selected) if _model.selected > 0 else ""
	_model.clear()
	_model.add_item(tr("Server's Default (%s)") % _preview.about.get("default", ""))
	for model: Dictionary in _preview.about.models:
		_model.add_item(model.id)
		if model.id == chosen:
			_model.select(_model.item_count - 1)


func _takes_prompt() -> bool:
	for model: Dictionary in _preview.about.get("models", []):
		if model.id == _preview.ready_message.get("model", "") and model.takes_prompt:
			return true
	return false


func _on_state_changed(preview: PlayblastPreview) -> void:
	if preview != _preview:
		return
	var state := preview.state
	_state_icon.texture = get_theme_icon(STATE_ICONS[state], &"EditorIcons")
	_state.text = preview.state_text if preview.state_text != "" else tr("Not connected")
	var is_on := state != PlayblastLiveShot.State.STOPPED and state != PlayblastLiveShot.State.FAILED
	_connect.text = tr("Disconnect") if is_on else tr("Connect")
	_connect.icon = get_theme_icon(&"Stop" if is_on else &"Play", &"EditorIcons")
	_freeze.disabled = not state in [PlayblastLiveShot.State.LIVE, PlayblastLiveShot.State.FROZEN]
	_freeze.set_pressed_no_signal(state == PlayblastLiveShot.State.FROZEN)
	_record.disabled = not state in [PlayblastLiveShot.State.LIVE, PlayblastLiveShot.State.FROZEN]
	_look_again.disabled = state != PlayblastLiveShot.State.LIVE
	_paint.disabled = _view.picture == null
	if not is_on:
		_record.set_pressed_no_signal(false)
	_list_models()
	_prompt_row.visible = _takes_prompt()
	_source.text = _preview.title()
	_start_server.text = tr("Stop Server") if _server.is_running() else tr("Start Server")
	_view.placeholder = tr("Press Connect to see the scene as the server paints it.") if not is_on else _state.text
	_show_numbers()


func _on_picture_shown(preview: PlayblastPreview, picture: PlayblastPicture) -> void:
	if preview != _preview:
		return
	_view.show_picture(picture)
	if is_instance_valid(_window_view):
		_window_view.show_picture(picture)
	_paint.disabled = false
	_show_numbers()


func _show_numbers() -> void:
	var picture := _view.picture
	var is_live := _preview.state in [PlayblastLiveShot.State.LIVE, PlayblastLiveShot.State.FROZEN]
	_numbers.visible = is_live and picture != null
	if _numbers.visible:
		_numbers.text = tr("%.0f fps   %.0f ms   tick %d   %d x %d") % [
			_preview.rate, picture.latency_ms, picture.tick, picture.generated.get_width(), picture.generated.get_height()]
		_numbers.tooltip_text = tr("Pictures a second; time from the engine's drawing to the picture; the engine's tick; size. The server makes up to %.0f a second.") % _preview.ready_message.get("expected_fps", 0.0)


func _say_notice(message: String) -> void:
	EditorInterface.get_editor_toaster().push_toast("Playblast: " + message, EditorToaster.SEVERITY_WARNING)


func _say_error(message: String) -> void:
	_state_icon.texture = get_theme_icon(&"StatusError", &"EditorIcons")
	_state.text = message


func _on_connect_pressed() -> void:
	if _wants_stream and _preview.state != PlayblastLiveShot.State.FAILED:
		stop()
	else:
		start()


func _on_freeze_pressed() -> void:
	_preview.freeze(_freeze.button_pressed)


func _on_record_pressed() -> void:
	var record_as := RECORDING_FORMAT % [_take_name(), Time.get_datetime_string_from_system().replace(":", "-")] if _record.button_pressed else ""
	if record_as != "" and not _preview.about.get("records_takes", false):
		_record.set_pressed_no_signal(false)
		_say_notice(tr("This server records no takes. Start it with: playblast serve --takes FOLDER"))
		return
	_preview.start(_options(record_as))
	_record.set_pressed_no_signal(record_as != "")


func _take_name() -> String:
	var root := EditorInterface.get_edited_scene_root()
	return (root.name if root else "take").validate_filename().replace(" ", "_")


func _on_compare_pressed() -> void:
	_view.split = 0.5 if _view.split == 0.0 else 0.0


func _on_pop_out_pressed() -> void:
	if is_instance_valid(_window):
		_window.grab_focus()
		return
	_window = Window.new()
	_window.title = "Playblast"
	_window.size = Vector2i(960, 540)
	_window.close_requested.connect(func() -> void: _window.queue_free())
	_window_view = PlayblastPictureView.new()
	_window_view.set_anchors_and_offsets_preset(PRESET_FULL_RECT)
	_window.add_child(_window_view)
	EditorInterface.popup_dialog_centered(_window, _window.size)
	_window_view.show_picture(_view.picture)


func _on_look_selected(index: int) -> void:
	_paint_over.end()
	if index == Look.ENGINE:
		_look = PackedByteArray()
		_look_file.visible = false
		_preview.take_look(_look)
		return
	_files.file_mode = EditorFileDialog.FILE_MODE_OPEN_FILE
	_files.filters = ["*.png,*.jpg,*.jpeg,*.webp;" + tr("Pictures")]
	_ask(_on_look_chosen, func() -> void: _look_source.select(Look.ENGINE if _look.is_empty() else Look.FILE))


## Shows the file dialog; afterwards one of the two is called.
func _ask(chosen: Callable, cancelled: Callable) -> void:
	for connection: Dictionary in _files.file_selected.get_connections() + _files.canceled.get_connections():
		connection.signal.disconnect(connection.callable)
	_files.file_selected.connect(chosen)
	_files.canceled.connect(cancelled)
	_files.popup_file_dialog()


func _on_look_chosen(path: String) -> void:
	var bytes := FileAccess.get_file_as_bytes(path)
	if bytes.is_empty():
		_say_error(tr("%s cannot be read (%s).") % [path, error_string(FileAccess.get_open_error())])
		return
	_paint_over.watch(path)
	_use_look(path, bytes)


func _on_painted(path: String, bytes: PackedByteArray) -> void:
	_use_look(path, bytes)


func _use_look(path: String, bytes: PackedByteArray) -> void:
	_look = bytes
	_look_source.select(Look.FILE)
	_look_file.text = path.get_file()
	_look_file.tooltip_text = tr("%s\nIt is taken again each time it is saved.") % path
	_look_file.visible = true
	_preview.take_look(bytes)


func _on_look_again_pressed() -> void:
	_preview.take_look(_look)


func _on_paint_pressed() -> void:
	var folder := EditorInterface.get_editor_paths().get_cache_dir()
	var error := _paint_over.begin(_view.picture.engine, folder.path_join("playblast-first-frame-%d.png" % _view.picture.tick))
	if error != "":
		_say_notice(error)


func _on_start_server_pressed() -> void:
	if _server.is_running():
		_server.stop()
		_start_server.text = tr("Start Server")
		return
	var takes := ProjectSettings.globalize_path("user://playblast_takes")
	var error := _server.start(PlayblastServerAddress.parse(_address.text), _token.text, _editor_setting(PlayblastSettings.SERVER_COMMAND), takes)
	if error != "":
		_say_error(error)
		return
	_start_server.text = tr("Stop Server")
	start()


func _on_server_ended(said: String) -> void:
	_start_server.text = tr("Start Server")
	stop()
	_say_error(tr("The server ended. %s") % said)


func _on_game_started() -> void:
	if _wants_stream:
		start()
	else:
		_preview = _game_preview
		_on_state_changed(_preview)


func _on_game_ended() -> void:
	_game_preview.state = PlayblastLiveShot.State.STOPPED
	_game_preview.state_text = ""
	if _wants_stream:
		start()
	else:
		_preview = _scene_preview
		_on_state_changed(_preview)


func _on_export_pressed() -> void:
	if _export.is_running():
		_export.stop()
		_on_export_ended(tr("The export was cancelled; what is there stays, and the next export to the same place goes on from it."))
		return
	var root := EditorInterface.get_edited_scene_root()
	if root == null or root.scene_file_path == "":
		_say_error(tr("Save the scene first: an export reads it from its file."))
		return
	_files.file_mode = EditorFileDialog.FILE_MODE_SAVE_FILE
	_files.filters = ["*.mp4;" + tr("Video")]
	_ask(_export_to, func() -> void: pass)


func _export_to(path: String) -> void:
	var root := EditorInterface.get_edited_scene_root()
	EditorInterface.save_scene()
	var shot := PlayblastShotFinder.find(root, _shot.get_item_text(_shot.selected)) if _shot.selected > 0 else null
	var rate: float = shot.frame_rate if shot else PlayblastSettings.of_project(PlayblastSettings.FRAME_RATE)
	var look := _paint_over.path if _look_source.selected == Look.FILE else ""
	var error := _export.start(root.scene_file_path + ("#" + shot.name if shot else ""), path, rate, _address.text, _token.text, look)
	if error != "":
		_say_error(error)
		return
	_progress.visible = true
	_progress.value = 0.0
	_export_button.text = tr("Cancel Export")
	_state.text = tr("Exporting %s ...") % path.get_file()


func _on_export_advanced(done: int, all: int) -> void:
	_progress.max_value = all
	_progress.value = done


func _on_export_ended(error: String) -> void:
	_progress.visible = false
	_export_button.text = tr("Export...")
	_on_state_changed(_preview)
	if error != "":
		_say_error(error)
	else:
		EditorInterface.get_editor_toaster().push_toast(tr("Playblast: the export is done."), EditorToaster.SEVERITY_INFO)
