@tool
extends EditorScenario
## The dock is made narrow and wide, its picture compared and shown in a window of its own.


func run() -> void:
	await user.open(STAGE)
	user.press("Connect")
	await expect(user.is_newest_shown, "a picture to begin with")
	var view := user.dock()._view
	var width := user.dock().size.x
	report.check(view.picture_rect().size.x > width * 0.95, "the picture is as wide as the dock", [view.picture_rect(), width])
	await expect(func() -> bool: return user.dock()._numbers.is_visible_in_tree() and not user.dock()._numbers.text.contains("fps"), "while nothing moves, it has no rate")
	await _resize()
	report.check(user.press("Compare"), "there is a button to compare")
	report.check(view.split == 0.5, "it uncovers half of the engine's picture", view.split)
	var press := InputEventMouseButton.new()
	press.button_index = MOUSE_BUTTON_LEFT
	press.pressed = true
	press.position = view.picture_rect().position + view.picture_rect().size * Vector2(0.25, 0.5)
	view._gui_input(press)
	report.check(absf(view.split - 0.25) < 0.02, "the slider follows the mouse", view.split)
	user.press("Compare")
	report.check(view.split == 0.0, "it covers it again", view.split)
	for control: Control in user.dock().find_children("*", "BaseButton", true, false) + user.dock().find_children("*", "LineEdit", true, false):
		report.check(control.tooltip_text != "" or not control.is_visible_in_tree(), "every control says what it is for", control)
	await _pop_out()
	await _move()


func _resize() -> void:
	var window := EditorInterface.get_base_control().get_window()
	var before := user.dock().size
	window.size = Vector2i(1000, 600)
	await user.frames(5)
	report.check(user.dock().size != before and user.is_live(), "the window can be resized in mid-stream", [before, user.dock().size])
	report.check(user.dock()._view.size.y <= user.dock().size.y * 0.6, "a low dock leaves room for the rest", [user.dock()._view.size, user.dock().size])
	window.size = Vector2i(1280, 800)
	await user.until(func() -> bool: return user.dock().size == before, 3.0)
	report.check(user.dock().size == before, "and back", [before, user.dock().size])


func _pop_out() -> void:
	report.check(user.press("Show the picture in a window"), "there is a button for a window")
	await user.frames(5)
	var window := user.dock()._window
	report.check(is_instance_valid(window) and window.visible, "the picture has a window of its own")
	window.size = Vector2i(700, 300)
	var before := user.tick()
	user.scrub(2.0)
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "another picture")
	report.check(window._view.picture == user.picture(), "is shown there too")
	report.check(absf(window._view.picture_rect().size.aspect() - 16.0 / 9.0) < 0.02, "in its own shape", window._view.picture_rect())
	window.close_requested.emit()
	await user.frames(3)
	report.check(not is_instance_valid(window), "it can be closed")


## To another place of the editor, or a window: the dock leaves the tree on its way.
func _move() -> void:
	var moved := user.dock().get_parent()
	var tabs := moved.get_parent()
	var live := user.live()
	tabs.remove_child(moved)
	await user.frames(3)
	tabs.add_child(moved)
	user.show_dock()
	await user.frames(3)
	report.check(user.live() == live and user.is_live(), "a dock that is moved streams on", user.situation())
	var before := user.tick()
	user.scrub(3.0)
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "and shows what comes")
