@tool
extends EditorScenario
## Scenes come and go while the stream runs.

const SHOTS := "res://made/shots.tscn"


func run() -> void:
	await _save_and_choose()
	await _close_and_open()
	await _flat()


func _save_and_choose() -> void:
	var made: Node = (load(STAGE) as PackedScene).instantiate(PackedScene.GEN_EDIT_STATE_MAIN)
	made.name = "Shots"
	made.scene_file_path = ""
	for name: String in ["First", "Second"]:
		var shot := PlayblastShot.new()
		shot.name = name
		shot.frame_size = Vector2i(192, 128)
		made.add_child(shot)
	await user.open_made(made, SHOTS)
	var list := user.dock()._shot._shot
	report.check(list.get_item_text(list.selected) == "First", "a scene's first shot is chosen by itself", list.get_item_text(list.selected))
	report.check(user.choose(list, "Second"), "its other shot can be chosen")
	user.press("Connect")
	await expect(func() -> bool: return user.tick() >= 0, "the shot is streamed")
	report.check(user.picture().generated.get_size() == Vector2i(192, 128), "in its own size", user.picture().generated.get_size())
	var live := user.live()
	user.scrub(1.0)
	EditorInterface.mark_scene_as_unsaved()
	EditorInterface.save_scene()
	await user.frames(10)
	report.check(user.live() == live and user.is_live(), "saving does not disturb the stream", user.situation())
	report.check(list.get_item_text(list.selected) == "Second", "nor the chosen shot", list.get_item_text(list.selected))
	var model := user.dock()._server._model
	report.check(user.choose(model, "default"), "the server's model can be chosen")
	await expect(user.is_live, "which connects again")
	user.dock()._on_state_changed(user.dock()._preview)
	report.check(model.get_item_text(model.selected) == "default", "and stays chosen")


func _close_and_open() -> void:
	await expect(user.is_newest_shown, "a stream to close the scene of")
	var live := user.live().get_instance_id()
	EditorInterface.close_scene()
	await expect(func() -> bool: return not is_instance_id_valid(live), "the scene's stream ends with the scene")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FAILED, "the dock says that there is no scene")
	report.check(user.says().contains("no 3D scene"), "in words", user.says())
	report.check(user.picture() == null, "and shows no picture of it")
	await user.open(STAGE)
	await expect(func() -> bool: return user.is_live() and user.tick() >= 0, "a scene that is opened then is streamed by itself")
	await user.open(SHOTS)
	await expect(func() -> bool: return user.is_live() and user.tick() >= 0 and user.live()._root == user.root(), "so is another one that is opened beside it")
	var list := user.dock()._shot._shot
	report.check(list.item_count == 3, "the shots are those of the scene", list.item_count)
	EditorInterface.close_scene()
	await user.open(STAGE)
	await expect(func() -> bool: return user.is_live() and user.live()._root == user.root(), "and when it is closed, the first again")


func _flat() -> void:
	await user.open("res://stage/flat.tscn")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FAILED and user.says().contains("no 3D scene"), "a 2D scene has nothing to look at")
	var bare := Node3D.new()
	bare.name = "Bare"
	bare.add_child(MeshInstance3D.new())
	await user.open_made(bare, "res://made/bare.tscn")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FAILED and user.says().contains("Camera3D"), "a scene without a camera says what it needs")
	user.add(Camera3D.new())
	report.check(user.press("Connect"), "the user connects")
	await expect(user.is_live, "and with a camera it goes")
