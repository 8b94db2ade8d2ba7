@tool
class_name PlayblastCommand
extends RefCounted
## Finds the `playblast` command line, which starts servers and joins pictures to videos.

const NAME := "playblast"
const SCRIPT := "dist/cli/playblast.js"
const VARIABLE := "PLAYBLAST_COMMAND"
const HOW_TO_GET := "The playblast command is not found. Install Node 20.12 or newer, get Playblast, run \"npm run setup\" in its folder, and choose that folder (in the dock, under Editor Settings > Playblast > Server > Command, or by the environment's PLAYBLAST_COMMAND)."

## The program and its first arguments; empty where nothing was found.
var program := ""
var arguments := PackedStringArray()


## Looks at `chosen` (a command, a script of Playblast's or its folder), the environment's PLAYBLAST_COMMAND, the path, and the
## folders above this project and this addon.
static func find(chosen := "") -> PlayblastCommand:
	var found := PlayblastCommand.new()
	for place: String in [chosen, OS.get_environment(VARIABLE)]:
		if place != "":
			found._take(place)
			return found
	for folder in OS.get_environment("PATH").split(";" if OS.get_name() == "Windows" else ":", false):
		if found._take_if_there(folder.path_join(NAME)):
			return found
	var addon := ProjectSettings.globalize_path((PlayblastCommand as Script).resource_path.get_base_dir())
	for start: String in [ProjectSettings.globalize_path("res://"), addon]:
		var folder := start
		while folder != folder.get_base_dir():
			if found._take_if_there(folder.path_join("node_modules/.bin").path_join(NAME)) or found._take_script(folder):
				return found
			folder = folder.get_base_dir()
	return found


## Whether there is a command to run.
func is_there() -> bool:
	return program != ""


## Runs it and waits; `output` gets one string, all that it printed. Returns its exit code, -1 where it cannot be run.
func run(more: PackedStringArray, output: Array) -> int:
	return OS.execute(program, arguments + more, output, true)


func _take(place: String) -> void:
	if DirAccess.dir_exists_absolute(place):
		if not _take_script(place):
			_take_if_there(place.path_join(NAME))
	elif place.get_extension() == "js":
		program = "node"
		arguments = [place]
	else:
		program = place


func _take_if_there(path: String) -> bool:
	var file := path + ".cmd" if OS.get_name() == "Windows" else path
	if not FileAccess.file_exists(file):
		return false
	program = file
	return true


func _take_script(folder: String) -> bool:
	var script := folder.path_join(SCRIPT)
	if not FileAccess.file_exists(script) or not FileAccess.file_exists(folder.path_join("package.json")):
		return false
	program = "node"
	arguments = [script]
	return true
