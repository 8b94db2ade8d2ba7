@tool
extends EditorPlugin
## Drives the editor through the scenario that the command line names: `godot --editor --path . -- --scenario NAME`.

func _enter_tree() -> void:
	if "--scenario" in OS.get_cmdline_user_args():
		_run.call_deferred()


func _run() -> void:
	for i in 120:
		await get_tree().process_frame
	EditorInterface.open_scene_from_path("res://addons/playblast/demo/courtyard.scn")
	EditorInterface.set_main_screen_editor("3D")
	for i in 60:
		await get_tree().process_frame
	var dock: PlayblastDock = EditorInterface.get_base_control().find_children("*", "PlayblastDock", true, false)[0]
	var holder: Node = dock.get_parent()
	holder.call("open"); holder.call("make_visible")
	for i in 20:
		await get_tree().process_frame
	_shot("a")
	dock.start()
	var t := Time.get_ticks_msec()
	while Time.get_ticks_msec() - t < 15000:
		await get_tree().process_frame
	_shot("b")
	print("state ", dock._state.text, " | ", dock._numbers.text)
	var player: AnimationPlayer = EditorInterface.get_edited_scene_root().get_node("AnimationPlayer")
	player.play("walk"); player.pause()
	for k in 20:
		player.seek(k / 24.0, true)
		for i in 10: await get_tree().process_frame
	t = Time.get_ticks_msec()
	while Time.get_ticks_msec() - t < 4000:
		await get_tree().process_frame
	_shot("c")
	print("state ", dock._state.text, " | ", dock._numbers.text)
	get_tree().quit()

func _shot(n: String) -> void:
	EditorInterface.get_base_control().get_viewport().get_texture().get_image().save_png("res://shot_%s.png" % n)
