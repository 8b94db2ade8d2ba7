@tool
class_name PlayblastSettings
extends RefCounted
## The addon's settings: what belongs to the project in ProjectSettings, what belongs to this person and machine in EditorSettings.

const ADDRESS := "playblast/server/address"
const FRAME_SIZE := "playblast/shot/frame_size"
const FRAME_RATE := "playblast/shot/frame_rate"
const SMOOTH := "playblast/preview/smooth_playback"
## Project settings and their defaults.
const PROJECT := {
	ADDRESS: "127.0.0.1:50071",
	FRAME_SIZE: Vector2i(256, 144),
	FRAME_RATE: 24.0,
	SMOOTH: true,
}
const HINTS := {
	ADDRESS: [PROPERTY_HINT_PLACEHOLDER_TEXT, "host:port, ws://... or wss://..."],
	FRAME_SIZE: [PROPERTY_HINT_LINK, "suffix:px"],
	FRAME_RATE: [PROPERTY_HINT_RANGE, "1,240,0.001,suffix:fps"],
}
## Never in the project's files: whoever has it may stream to the server.
const TOKEN := "playblast/server/token"
const SERVER_COMMAND := "playblast/server/command"
## Editor settings and their defaults: see PlayblastEditorSettings.
const EDITOR := {TOKEN: "", SERVER_COMMAND: ""}
const TOKEN_VARIABLE := "PLAYBLAST_TOKEN"


## A project setting, or its default where the addon is not enabled.
static func of_project(setting: String) -> Variant:
	return ProjectSettings.get_setting(setting, PROJECT[setting])


## The token that scripts and games use: the environment's PLAYBLAST_TOKEN.
static func token() -> String:
	return OS.get_environment(TOKEN_VARIABLE)


## Makes the project settings known, so that they show with their defaults.
static func declare() -> void:
	for setting: String in PROJECT:
		if not ProjectSettings.has_setting(setting):
			ProjectSettings.set_setting(setting, PROJECT[setting])
		ProjectSettings.set_initial_value(setting, PROJECT[setting])
		ProjectSettings.set_as_basic(setting, true)
		if setting in HINTS:
			ProjectSettings.add_property_info({
				"name": setting, "type": typeof(PROJECT[setting]), "hint": HINTS[setting][0], "hint_string": HINTS[setting][1]})


## Takes all project settings away again.
static func forget() -> void:
	for setting: String in PROJECT:
		ProjectSettings.set_setting(setting, null)
