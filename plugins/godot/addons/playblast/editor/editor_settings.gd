@tool
class_name PlayblastEditorSettings
extends RefCounted
## The addon's settings of this person and machine. Apart from PlayblastSettings, because games know no editor.

const HINTS := {PlayblastSettings.TOKEN: PROPERTY_HINT_PASSWORD, PlayblastSettings.SERVER_COMMAND: PROPERTY_HINT_GLOBAL_FILE}
## Of this project on this machine: what the user entered last. Not in the project's files, so that it troubles nobody else.
const METADATA := "playblast"
const ADDRESS_KEY := "server_address"


## Makes the settings known, so that they show with their defaults.
static func declare() -> void:
	var settings := EditorInterface.get_editor_settings()
	for setting: String in PlayblastSettings.EDITOR:
		if not settings.has_setting(setting):
			settings.set_setting(setting, PlayblastSettings.EDITOR[setting])
		settings.set_initial_value(setting, PlayblastSettings.EDITOR[setting], false)
		settings.add_property_info({"name": setting, "type": TYPE_STRING, "hint": HINTS[setting]})


## Takes all settings away again.
static func forget() -> void:
	var settings := EditorInterface.get_editor_settings()
	for setting: String in PlayblastSettings.EDITOR:
		settings.erase(setting)
	keep_address("")


## A setting, or its default where the addon is not enabled.
static func value(setting: String) -> Variant:
	var settings := EditorInterface.get_editor_settings()
	return settings.get_setting(setting) if settings.has_setting(setting) else PlayblastSettings.EDITOR[setting]


## The address that the user entered last in this project; "" where that is the project's own.
static func address() -> String:
	return EditorInterface.get_editor_settings().get_project_metadata(METADATA, ADDRESS_KEY, "")


## Keeps an address for the next start; "" forgets it.
static func keep_address(address_now: String) -> void:
	if address_now != address():
		var kept: Variant = address_now
		if address_now == "":
			kept = null
		EditorInterface.get_editor_settings().set_project_metadata(METADATA, ADDRESS_KEY, kept)
