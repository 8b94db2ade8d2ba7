@tool
extends EditorScenario
## The game runs: its pictures reach the dock through the debugger; then it stops.

const FOLDER := "res://made"


func run() -> void:
	await user.open(STAGE)
	user.press("Connect")
	await expect(user.is_newest_shown, "the edited scene is streamed first")
	EditorInterface.play_main_scene()
	await expect(func() -> bool: return user.dock()._preview == user.dock()._game_preview, "the dock looks at the game that starts", 60.0)
	await expect(func() -> bool: return user.is_live() and user.tick() > 4, "and its pictures reach the dock", 60.0)
	report.check(user.dock()._shot._source.text == "Running game", "it says so", user.dock()._shot._source.text)
	report.check(user.picture().engine.get_size() == user.picture().generated.get_size(), "the engine's pictures come with them")
	user.press("Freeze")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FROZEN, "the game's picture freezes")
	var painted := EditorUser.red_middle(user.picture().generated)
	var drawn := EditorUser.red_middle(user.picture().engine)
	report.check(painted.distance_to(drawn) < 8.0, "both halves are of the same tick", [painted, drawn])
	user.press("Freeze")
	var before := user.tick()
	await expect(func() -> bool: return user.tick() > before, "and goes on")
	EditorInterface.stop_playing_scene()
	await expect(func() -> bool: return user.dock()._preview == user.dock()._scene_preview and user.is_newest_shown(), "when the game stops, the edited scene is back", 30.0)
	await _with_a_look()


## A look that was chosen before the game starts is the game's too.
func _with_a_look() -> void:
	DirAccess.make_dir_recursive_absolute(FOLDER)
	var file := ProjectSettings.globalize_path(FOLDER.path_join("game.png"))
	EditorUser.green(user.picture().engine.get_size()).save_png(file)
	user.dock()._look._files.file_selected.emit(file)
	await expect(func() -> bool: return EditorUser.is_green(user.picture().generated), "the edited scene takes the file")
	EditorInterface.play_main_scene()
	await expect(func() -> bool: return user.dock()._preview == user.dock()._game_preview and user.picture() != null and EditorUser.is_green(user.picture().generated), "so does the game that starts", 60.0)
	EditorInterface.stop_playing_scene()
