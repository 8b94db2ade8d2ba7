@tool
class_name PlayblastDock
extends VBoxContainer
## The Playblast dock: the scene as the server paints it, and all that is needed to get there.

const WIDTH := 280.0
## The most of the dock's height that the picture takes.
const PICTURE_SHARE := 0.5
const DEMO := "../demo/courtyard.scn"
## Pictures a second that are worth a word.
const SMALLEST_RATE := 0.5
const NUMBERS_SECONDS := 1.0
const WINDOW_SIZE := Vector2i(960, 540)
const TAKE_FORMAT := "%s-%s"
const TAKE_LETTERS := "[^A-Za-z0-9_-]+"
const STATE_ICONS := {
	PlayblastLiveShot.State.STOPPED: &"NodeInfo",
	PlayblastLiveShot.State.CONNECTING: &"Progress1",
	PlayblastLiveShot.State.LIVE: &"StatusSuccess",
	PlayblastLiveShot.State.FROZEN: &"Pause",
	PlayblastLiveShot.State.WAITING: &"StatusWarning",
	PlayblastLiveShot.State.FAILED: &"StatusError",
}

var _scene_preview := PlayblastScenePreview.new()
var _game_preview := PlayblastGamePreview.new()
var _preview: PlayblastPreview = _scene_preview
## Whether the user pressed Connect, so that another scene or game is streamed too.
var _wants_stream := false

var _state_icon := TextureRect.new()
var _state := Label.new()
var _problem_row := HBoxContainer.new()
var _problem_icon := TextureRect.new()
var _problem := Label.new()
var _view := PlayblastPictureView.new()
var _window: PlayblastPictureWindow
var _demo := PlayblastIconButton.new(&"PlayScene")
var _numbers := Label.new()
var _connect := PlayblastIconButton.new(&"Play")
var _freeze := PlayblastIconButton.new(&"Pause")
var _record := PlayblastIconButton.new(&"record")
var _compare := PlayblastIconButton.new(&"compare")
var _pop_out := PlayblastIconButton.new(&"MakeFloating")
var _shot := PlayblastShotSection.new()
var _look := PlayblastLookSection.new()
var _server := PlayblastServerSection.new()
var _export := PlayblastExportRow.new()


func _init() -> void:
	name = "Playblast"
	set_translation_domain(PlayblastTranslation.DOMAIN)
	custom_minimum_size.x = WIDTH * EditorInterface.get_editor_scale()


func _ready() -> void:
	_build()
	for preview: PlayblastPreview in [_scene_preview, _game_preview]:
		preview.state_changed.connect(func(_now: PlayblastLiveShot.State, _text: String) -> void: _on_state_changed(preview))
		preview.picture_shown.connect(func(picture: PlayblastPicture) -> void: _on_picture_shown(preview, picture))
		preview.notice_received.connect(_say_notice)
	_game_preview.link().game_started.connect(_on_game_started)
	_game_preview.link().game_ended.connect(_on_game_ended)
	_shot.chosen_again.connect(_restart)
	_look.look_taken.connect(_on_look_taken)
	_look.paint_pressed.connect(_on_paint_pressed)
	_look.prompt_changed.connect(func(prompt: String) -> void: _preview.change_prompt(prompt))
	_server.chosen_again.connect(start)
	_server.started.connect(start)
	_server.ended.connect(_on_server_ended)
	_export.place_chosen.connect(_export_to)
	_export.noticed.connect(_say_notice)
	_export.finished.connect(_on_export_finished)
	for failing: Signal in [_look.failed, _server.failed, _export.failed]:
		failing.connect(_say_problem)
	resized.connect(_fit_picture)
	_on_state_changed(_preview)


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_on_state_changed(_preview)


## The debugger's side of the dock, for EditorPlugin.add_debugger_plugin.
func link() -> PlayblastGameLink:
	return _game_preview.link()


## Lets what streams live under `keeper`, outside the dock: a dock that is moved elsewhere leaves the tree on its way.
func stream_under(keeper: Node) -> void:
	for preview: PlayblastPreview in [_scene_preview, _game_preview]:
		keeper.add_child(preview)


## Ends all that was begun here.
func close() -> void:
	stop()
	_server.stop_server()
	_export.cancel()
	if is_instance_valid(_window):
		_window.queue_free()


## Streams what there is to look at: the running game, else the edited scene.
func start() -> void:
	_say_problem("")
	_wants_stream = true
	_look_at_what_there_is()
	_preview.start(_options())


## Ends the stream. Safe to call twice.
func stop() -> void:
	_wants_stream = false
	_scene_preview.stop()
	_game_preview.stop()


## The edited scene is another one now, or none.
func change_scene() -> void:
	list_shots()
	if _preview != _scene_preview:
		return
	_show_picture(null)
	if _wants_stream:
		start()
	_on_state_changed(_preview)


## Lists the edited scene's shots anew.
func list_shots() -> void:
	_shot.list_shots()


## Something was edited, which may look different now.
func touch() -> void:
	_preview.touch()


func _options(record_as := "") -> Dictionary:
	var options := {
		"address": _server.address(),
		"token": _server.token(),
		"look": _look.look(),
		"record_as": record_as,
		"locale": TranslationServer.get_tool_locale(),
	}
	for option: Array in [["shot", _shot.chosen()], ["model", _server.model()], ["prompt", _look.prompt()]]:
		if option[1] != "":
			options[option[0]] = option[1]
	return options


func _build() -> void:
	_message_row(HBoxContainer.new(), _state_icon, _state)
	_message_row(_problem_row, _problem_icon, _problem)
	_problem_row.visible = false
	add_child(_view)
	_demo.text = tr("Open Demo Scene")
	_demo.tooltip_text = tr("A yard with somebody who walks, to try it on.")
	_demo.pressed.connect(func() -> void: EditorInterface.open_scene_from_path(_demo_scene()))
	add_child(_demo)
	_numbers.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_numbers.mouse_filter = MOUSE_FILTER_STOP
	_numbers.horizontal_alignment = HORIZONTAL_ALIGNMENT_CENTER
	add_child(_numbers)
	var clock := Timer.new()
	clock.wait_time = NUMBERS_SECONDS
	clock.autostart = true
	clock.timeout.connect(_show_numbers)
	add_child(clock, false, INTERNAL_MODE_FRONT)
	_connect.size_flags_horizontal = SIZE_EXPAND_FILL
	_connect.tooltip_text = tr("Stream the running game, or the edited scene, to the server.")
	_freeze.tooltip_text = tr("Freeze: let the picture stand still, with the engine's picture of the same tick.")
	_freeze.toggle_mode = true
	_record.tooltip_text = tr("Record: have the server keep what is streamed as a take, to be painted again later.")
	_record.toggle_mode = true
	_compare.tooltip_text = tr("Compare with the engine's own picture.")
	_compare.toggle_mode = true
	_pop_out.tooltip_text = tr("Show the picture in a window of its own.")
	for button: Button in [_freeze, _record, _compare, _pop_out]:
		button.theme_type_variation = &"FlatButton"
	var buttons := HBoxContainer.new()
	for pair: Array in [[_connect, _on_connect_pressed], [_freeze, _on_freeze_pressed], [_record, _on_record_pressed],
			[_compare, _on_compare_pressed], [_pop_out, _on_pop_out_pressed]]:
		(pair[0] as Button).pressed.connect(pair[1])
		buttons.add_child(pair[0])
	add_child(buttons)
	_view.split_changed.connect(func(split: float) -> void: _compare.set_pressed_no_signal(split > 0.0))
	var scroll := ScrollContainer.new()
	scroll.horizontal_scroll_mode = ScrollContainer.SCROLL_MODE_DISABLED
	scroll.size_flags_vertical = SIZE_EXPAND_FILL
	var sections := VBoxContainer.new()
	sections.size_flags_horizontal = SIZE_EXPAND_FILL
	for section: Control in [_export, _shot, _look, _server]:
		if section != _export:
			sections.add_child(HSeparator.new())
		sections.add_child(section)
	scroll.add_child(sections)
	add_child(scroll)


## An icon and a text that wraps beside it.
func _message_row(row: HBoxContainer, icon: TextureRect, label: Label) -> void:
	icon.stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	icon.size_flags_vertical = SIZE_SHRINK_BEGIN
	label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	label.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	label.size_flags_horizontal = SIZE_EXPAND_FILL
	row.add_child(icon)
	row.add_child(label)
	add_child(row)


## As wide as the dock and in the picture's shape, unless that took too much of its height.
func _fit_picture() -> void:
	_view.custom_minimum_size.y = clampf(size.x / _view.aspect(), PlayblastPictureView.SMALLEST.y, maxf(size.y * PICTURE_SHARE, PlayblastPictureView.SMALLEST.y))


func _look_at_what_there_is() -> void:
	var preview: PlayblastPreview = _scene_preview
	if _game_preview.is_there():
		preview = _game_preview
	if preview != _preview:
		_preview.stop()
		_preview = preview
		_show_picture(null)


func _restart() -> void:
	if _wants_stream:
		start()


func _show_picture(picture: PlayblastPicture) -> void:
	_view.show_picture(picture)
	_fit_picture()
	if is_instance_valid(_window):
		_window.show_picture(picture)


func _is_on() -> bool:
	return _preview.state not in [PlayblastLiveShot.State.STOPPED, PlayblastLiveShot.State.FAILED]


func _is_live() -> bool:
	return _preview.state in [PlayblastLiveShot.State.LIVE, PlayblastLiveShot.State.FROZEN]


func _on_state_changed(preview: PlayblastPreview) -> void:
	if preview != _preview:
		return
	var state := preview.state
	_state_icon.texture = PlayblastIconButton.find(self, STATE_ICONS[state])
	_problem_icon.texture = PlayblastIconButton.find(self, &"StatusError")
	for icon: TextureRect in [_state_icon, _problem_icon]:
		# Beside the first line.
		icon.custom_minimum_size.y = _state.get_line_height() + _state.get_theme_stylebox(&"normal").get_minimum_size().y
	_state.text = preview.state_text if preview.state_text != "" else tr("Not connected")
	_demo.visible = not _is_on() and not PlayblastScenePreview.is_there() and ResourceLoader.exists(_demo_scene())
	_connect.text = tr("Disconnect") if _is_on() else tr("Connect")
	_connect.icon_name = &"Stop" if _is_on() else &"Play"
	for button: Button in [_freeze, _record]:
		button.disabled = not _is_live()
	_freeze.set_pressed_no_signal(state == PlayblastLiveShot.State.FROZEN)
	if not _is_on():
		_record.set_pressed_no_signal(false)
	if not preview.about.is_empty():
		_server.list_models(preview.about)
	_shot.show_source(preview.title())
	_view.placeholder = "" if _is_on() else tr("Press Connect to see the scene as the server paints it.")
	_allow_looks()
	_show_numbers()


func _demo_scene() -> String:
	return (get_script() as Script).resource_path.get_base_dir().path_join(DEMO).simplify_path()


func _allow_looks() -> void:
	var takes_prompt := func(model: Dictionary) -> bool: return model.id == _preview.ready_message.get("model", "") and model.takes_prompt
	_look.allow(_preview.state == PlayblastLiveShot.State.LIVE, _is_live() and _view.picture != null, _preview.about.get("models", []).any(takes_prompt))


func _on_picture_shown(preview: PlayblastPreview, picture: PlayblastPicture) -> void:
	if preview != _preview:
		return
	var is_first := _view.picture == null
	_show_picture(picture)
	if is_first:
		_allow_looks()
	_show_numbers()


func _show_numbers() -> void:
	var picture := _view.picture
	_numbers.visible = _is_live() and picture != null
	if not _numbers.visible:
		return
	_numbers.text = tr("%.0f ms   tick %d   %d x %d") % [picture.latency_ms, picture.tick, picture.generated.get_width(), picture.generated.get_height()]
	# Nothing comes while nothing moves.
	if _preview.rate >= SMALLEST_RATE:
		_numbers.text = tr("%.0f fps   %s") % [_preview.rate, _numbers.text]
	_numbers.tooltip_text = tr("Pictures a second; time from the engine's drawing to the picture; the engine's tick; size.")


func _say_notice(message: String) -> void:
	EditorInterface.get_editor_toaster().push_toast("Playblast: " + message, EditorToaster.SEVERITY_WARNING)


## Says what went wrong and what to do, until the user does something; "" takes it away.
func _say_problem(message: String) -> void:
	_problem.text = message
	_problem_row.visible = message != ""


func _on_connect_pressed() -> void:
	_say_problem("")
	if _is_on():
		stop()
	else:
		start()


func _on_freeze_pressed() -> void:
	_preview.freeze(_freeze.button_pressed)


func _on_record_pressed() -> void:
	_say_problem("")
	if _record.button_pressed and not _preview.about.get("records_takes", false):
		_record.set_pressed_no_signal(false)
		_say_problem(tr("This server records no takes. Start it with: playblast serve --takes FOLDER"))
		return
	var take := _take_name() if _record.button_pressed else ""
	_preview.start(_options(take))
	_record.set_pressed_no_signal(take != "")


## The scene's name and the time, in letters that every file system takes.
func _take_name() -> String:
	var root := EditorInterface.get_edited_scene_root()
	var scene := RegEx.create_from_string(TAKE_LETTERS).sub(String(root.name) if root else "", "_", true).lstrip("_-")
	return TAKE_FORMAT % [scene if scene != "" else "take", Time.get_datetime_string_from_system().replace(":", "-")]


func _on_compare_pressed() -> void:
	_view.split = 0.5 if _compare.button_pressed else 0.0


func _on_pop_out_pressed() -> void:
	if is_instance_valid(_window):
		_window.grab_focus()
		return
	_window = PlayblastPictureWindow.new()
	EditorInterface.popup_dialog_centered(_window, WINDOW_SIZE)
	_window.show_picture(_view.picture)


func _on_look_taken(file: PackedByteArray, of_tick: int) -> void:
	_say_problem("")
	_preview.take_look(file, of_tick)


func _on_paint_pressed() -> void:
	_say_problem("")
	_preview.hold(_view.picture.tick)
	_look.paint_over(_view.picture)


func _on_server_ended(message: String) -> void:
	stop()
	_say_problem(message)


func _on_game_started() -> void:
	if _wants_stream:
		start()
		return
	_look_at_what_there_is()
	_on_state_changed(_preview)


func _on_game_ended() -> void:
	_game_preview.forget()
	if _wants_stream:
		start()
		return
	_look_at_what_there_is()
	_on_state_changed(_preview)


func _export_to(path: String) -> void:
	_say_problem("")
	var root := EditorInterface.get_edited_scene_root()
	EditorInterface.save_scene()
	var shot := PlayblastShotFinder.find(root, _shot.chosen()) if _shot.chosen() != "" else null
	var rate: float = shot.frame_rate if shot else PlayblastSettings.of_project(PlayblastSettings.FRAME_RATE)
	_export.export_shot(root.scene_file_path + ("#" + shot.name if shot else ""), path, rate, {
		"address": _server.address(), "token": _server.token(), "first_frame": _look.look_path(), "model": _server.model()})


func _on_export_finished(path: String) -> void:
	EditorInterface.get_editor_toaster().push_toast(tr("Playblast: %s is done.") % path, EditorToaster.SEVERITY_INFO)
