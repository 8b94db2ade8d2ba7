@tool
extends EditorScenario
## Pictures of the dock for the documentation, as it looks to a user: see docs/godot/take-screenshots.sh

const DEMO := "res://addons/playblast/demo/courtyard.scn"
const FOLDER := "res://pictures"
const MARGIN := 4


func run() -> void:
	DirAccess.make_dir_recursive_absolute(FOLDER)
	EditorInterface.get_editor_settings().set_setting(PlayblastSettings.SERVER_COMMAND, user.options.command)
	EditorInterface.open_scene_from_path(DEMO)
	await user.until(func() -> bool: return user.root() != null, 30.0)
	EditorInterface.set_main_screen_editor("3D")
	await user.seconds(1.0)
	await _take("not-connected")
	user.write(user.dock()._server._address, user.options.free_address)
	await user.until(func() -> bool: return user.state() == EditorUser.STATE.WAITING)
	await _take("server-missing")
	user.write(user.dock()._server._address, user.options.token_server)
	user.write(user.dock()._server._token, "not it")
	await user.until(func() -> bool: return user.state() == EditorUser.STATE.FAILED)
	await _take("wrong-token")
	user.write(user.dock()._server._token, "", false)
	user.write(user.dock()._server._address, user.options.server)
	await expect(func() -> bool: return user.tick() >= 0, "the demo is painted", 60.0)
	await _scrub()
	await _take("live", false)
	user.press("Compare")
	await _take("comparing")
	user.press("Show the picture in a window")
	await user.seconds(1.0)
	user.dock()._window._view.split = 0.5
	await user.seconds(1.0)
	user.dock()._window.get_texture().get_image().save_png(FOLDER.path_join("window.png"))
	user.dock()._window.close_requested.emit()
	user.press("Compare")
	user.press("Freeze")
	await _take("frozen")
	user.press("Freeze")
	await user.until(user.is_live)
	user.dock()._export_to(ProjectSettings.globalize_path(FOLDER.path_join("courtyard.mp4")))
	await user.until(func() -> bool: return user.dock()._export._progress.value > 4.0, 90.0)
	report.check(user.dock()._export._progress.value > 4.0, "an export goes on", user.situation())
	await _take("exporting")
	user.press("Cancel Export")
	EditorInterface.play_custom_scene(DEMO)
	await user.until(func() -> bool: return user.dock()._preview == user.dock()._game_preview and user.is_live() and user.tick() > 8, 90.0)
	await _take("running-game")
	EditorInterface.stop_playing_scene()


## As a user does it in the timeline below.
func _scrub() -> void:
	var player: AnimationPlayer = user.root().get_node("AnimationPlayer")
	EditorInterface.get_selection().clear()
	EditorInterface.edit_node(player)
	await user.seconds(2.0)
	var timelines := EditorInterface.get_base_control().find_children("*", "AnimationPlayerEditor", true, false)
	for spin: SpinBox in timelines[0].find_children("*", "SpinBox", true, false) if not timelines.is_empty() else ([] as Array[Node]):
		if spin.is_visible_in_tree():
			for step in 6:
				spin.value = step * 0.2
				await user.seconds(0.3)
			break
	await user.until(user.is_newest_shown)


## Takes a picture of the dock, or of the whole editor.
func _take(name: String, only_dock := true) -> void:
	await user.seconds(0.7)
	var image := EditorInterface.get_base_control().get_viewport().get_texture().get_image()
	if only_dock:
		var box := user.dock().get_global_rect().grow(MARGIN)
		# With the tab above it.
		var tabs := user.dock().get_parent()
		while not tabs is TabContainer:
			tabs = tabs.get_parent()
		image = image.get_region(Rect2i(box.merge((tabs as TabContainer).get_global_rect()).intersection(Rect2(Vector2.ZERO, image.get_size()))))
	image.save_png(FOLDER.path_join(name + ".png"))
