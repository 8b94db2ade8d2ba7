@tool
class_name PlayblastServerSection
extends PlayblastDockSection
## The dock's part about the server: where it is, its token and model, and starting one.

## The user chose another server or model.
signal chosen_again
## A server was started here.
signal started
## The server that was started here ended by itself, and `message` says what it said.
signal ended(message: String)

const TAKES := "user://playblast_takes"

var _process_of_server := PlayblastServerProcess.new()
var _address := LineEdit.new()
var _token := LineEdit.new()
var _model := list()
## The user's model, also while a server does not have it.
var _chosen_model := ""
var _start := PlayblastIconButton.new(&"Terminal")
## Shown when the command was not found.
var _choose := PlayblastIconButton.new(&"Folder")
var _folders := EditorFileDialog.new()


func _ready() -> void:
	head(tr("Server"))
	add_child(_process_of_server, false, INTERNAL_MODE_FRONT)
	_process_of_server.ended.connect(_on_ended)
	_address.placeholder_text = PlayblastSettings.of_project(PlayblastSettings.ADDRESS)
	_address.text = PlayblastEditorSettings.address()
	if _address.text == "":
		_address.text = _address.placeholder_text
	_address.text_submitted.connect(_on_address_submitted)
	field(tr("Address"), _address, tr("host:port, ws://... or wss://... Enter connects."))
	_token.secret = true
	_token.text = PlayblastEditorSettings.value(PlayblastSettings.TOKEN)
	_token.placeholder_text = tr("None")
	_token.text_submitted.connect(func(_text: String) -> void: chosen_again.emit())
	_token.text_changed.connect(func(text: String) -> void: EditorInterface.get_editor_settings().set_setting(PlayblastSettings.TOKEN, text))
	field(tr("Token"), _token, tr("What the server was started with, if it asks for one. Kept in this editor's settings, not in the project."))
	_model.item_selected.connect(_on_model_selected)
	field(tr("Model"), _model, tr("Which of the server's models paints; the default is the server's choice."))
	list_models({})
	_start.pressed.connect(_on_start_pressed)
	row([_start])
	_choose.text = tr("Choose Playblast's Folder...")
	_choose.tooltip_text = tr("The folder in which \"npm run setup\" was run. It is kept in this editor's settings.")
	_choose.visible = false
	_choose.pressed.connect(_folders.popup_file_dialog)
	row([_choose])
	_folders.access = EditorFileDialog.ACCESS_FILESYSTEM
	_folders.file_mode = EditorFileDialog.FILE_MODE_OPEN_DIR
	_folders.dir_selected.connect(_on_folder_chosen)
	add_child(_folders, false, INTERNAL_MODE_BACK)
	_show_start()


## The address as the user entered it.
func address() -> String:
	return _address.text if _address.text.strip_edges() != "" else _address.placeholder_text


## The token as the user entered it.
func token() -> String:
	return _token.text


## The chosen model's id; "" for the server's default.
func model() -> String:
	return _model.get_item_text(_model.selected) if _model.selected > 0 else ""


## Lists the models of a server, as it says itself: see PlayblastServerProbe. What was chosen stays chosen.
func list_models(about: Dictionary) -> void:
	_model.clear()
	_model.add_item(tr("Default (%s)") % about.default if about.has("default") else tr("Default"))
	for offered: Dictionary in about.get("models", []):
		_model.add_item(offered.id)
		if offered.id == _chosen_model:
			_model.select(_model.item_count - 1)


## Ends the server that was started here, if there is one. Safe to call twice.
func stop_server() -> void:
	_process_of_server.stop()
	_show_start()


func _on_address_submitted(text: String) -> void:
	PlayblastEditorSettings.keep_address(text.strip_edges() if text.strip_edges() != _address.placeholder_text else "")
	chosen_again.emit()


func _on_model_selected(_index: int) -> void:
	_chosen_model = model()
	chosen_again.emit()


func _on_start_pressed() -> void:
	if _process_of_server.is_running():
		stop_server()
		return
	var command: String = PlayblastEditorSettings.value(PlayblastSettings.SERVER_COMMAND)
	_choose.visible = not PlayblastCommand.find(command).is_there()
	var problem := _process_of_server.start(PlayblastServerAddress.parse(address()), token(), command, ProjectSettings.globalize_path(TAKES))
	_show_start()
	if problem != "":
		failed.emit(problem)
	else:
		started.emit()


func _on_folder_chosen(folder: String) -> void:
	EditorInterface.get_editor_settings().set_setting(PlayblastSettings.SERVER_COMMAND, folder)
	_on_start_pressed()


func _on_ended(said: String) -> void:
	_show_start()
	ended.emit(tr("The server ended. %s") % said)


func _show_start() -> void:
	var runs := _process_of_server.is_running()
	_start.text = tr("Stop Server") if runs else tr("Start Server")
	_start.tooltip_text = tr("End the server that was started here.") if runs else tr("Start a server on this machine. It ends with the editor. Takes are kept in %s.") % ProjectSettings.globalize_path(TAKES)
