@tool
extends EditorScenario
## The first frame: from a file, a bad file, and painted over.

const FOLDER := "res://made"


func run() -> void:
	DirAccess.make_dir_recursive_absolute(FOLDER)
	await user.open(STAGE)
	user.press("Connect")
	await expect(user.is_newest_shown, "a picture to begin with")
	var list := user.dock()._look._source
	report.check(user.choose(list, "File..."), "a file can be chosen")
	var dialog := user.dock()._look._files
	await expect(func() -> bool: return dialog.visible, "which asks for one")
	dialog.hide()
	dialog.canceled.emit()
	report.check(list.selected == 0, "cancelled, it is the engine's picture again")
	await _from_file()
	await _bad_files()
	await _painted_over()


func _from_file() -> void:
	var file := ProjectSettings.globalize_path(FOLDER.path_join("green.png"))
	EditorUser.green(user.picture().engine.get_size()).save_png(file)
	var before := user.tick()
	user.dock()._look._files.file_selected.emit(file)
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "the file is taken")
	report.check(user.live()._look.first_frame.get("new_look", false), "in place of the look before", user.live()._look.first_frame.keys())
	report.check(EditorUser.is_green(user.picture().generated), "and is what the picture looks like", _mean(user.picture().generated))
	report.check(not EditorUser.is_green(user.picture().engine), "the engine's picture is as before")
	report.check(user.dock()._look._file.text == "green.png" and user.dock()._look._source.selected == 1, "the dock says which file")
	user.choose(user.dock()._look._source, "Engine's picture")
	await expect(func() -> bool: return user.is_newest_shown() and not EditorUser.is_green(user.picture().generated), "the engine's picture can be chosen again")


func _bad_files() -> void:
	user.dock()._look._files.file_selected.emit("/nowhere/picture.png")
	report.check(user.problem().contains("/nowhere/picture.png") and user.problem().contains("Choose"), "a file that is not there is told of", user.problem())
	report.check(user.dock()._look._source.selected == 0 and user.is_live(), "and changes nothing", user.situation())
	var file := ProjectSettings.globalize_path(FOLDER.path_join("words.png"))
	FileAccess.open(file, FileAccess.WRITE).store_string("These are words.")
	user.dock()._look._files.file_selected.emit(file)
	report.check(user.problem().contains("words.png is no PNG"), "so is one that is no picture", user.problem())
	report.check(user.dock()._look._source.selected == 0 and user.is_live(), "which changes nothing either", user.situation())
	# What only looks like a picture is told of by the server.
	var broken := PackedByteArray([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0])
	FileAccess.open(file, FileAccess.WRITE).store_buffer(broken)
	user.dock()._look._files.file_selected.emit(file)
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FAILED and user.says().contains("cannot be read as a PNG, JPEG or WebP picture"), "one that is broken is told of by the server")
	user.choose(user.dock()._look._source, "Engine's picture")
	user.press("Connect")
	await expect(user.is_newest_shown, "after which the engine's picture can be chosen")


func _painted_over() -> void:
	user.scrub(0.5)
	await expect(user.is_newest_shown, "a picture to paint over")
	var painted_tick := user.tick()
	var place := _ball(user.picture())
	report.check(user.press("Paint Over"), "there is a button to paint over")
	var file := user.dock()._look._paint_over.path
	report.check(FileAccess.file_exists(file), "the engine's picture is written out", file)
	# The test machine has no paint program.
	await expect(func() -> bool: return user.problem().contains("paint program"), "without a paint program the dock says what to do")
	user.scrub(3.0)
	await expect(func() -> bool: return user.tick() > painted_tick and user.is_newest_shown(), "meanwhile the user moves on")
	EditorUser.green(Image.load_from_file(file).get_size()).save_png(file)
	await expect(func() -> bool: return user.is_newest_shown() and EditorUser.is_green(user.picture().generated), "when the file is saved, it is the look")
	report.check(_ball(user.picture()) != place, "of where the scene is by now")
	var kept: Dictionary = user.live()._look.engine_frame.objects.filter(func(pose: Dictionary) -> bool: return pose.id == "Ball")[0].transform.position
	report.check(is_equal_approx(kept.x, place), "though the look is of where it was painted", [kept, place])
	report.check(user.dock()._look.look_path() == file, "an export takes it too")
	user.choose(user.dock()._look._source, "Engine's picture")
	report.check(FileAccess.file_exists(file), "what was painted is kept")
	DirAccess.remove_absolute(file)
	user.press("Paint Over")
	file = user.dock()._look._paint_over.path
	user.choose(user.dock()._look._source, "Engine's picture")
	report.check(not FileAccess.file_exists(file), "what was never painted is not")


static func _ball(picture: PlayblastPicture) -> float:
	return picture.frame.objects.filter(func(pose: Dictionary) -> bool: return pose.id == "Ball")[0].transform.position.x


static func _mean(image: Image) -> Color:
	var small := image.duplicate() as Image
	small.resize(1, 1, Image.INTERPOLATE_LANCZOS)
	small.resize(1, 1)
	return small.get_pixel(0, 0)
