extends SceneTree
## Tests parts of the dock that need no editor: `godot --headless --path . --script res://parts/parts.gd`

const WARNINGS := "debug/gdscript/warnings/"
const WARN := 1
const ERROR := 2

var _report := Report.new()


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	_scripts()
	_addresses()
	_bones()
	_picture_view()
	_picture_queue()
	_command()
	_translation()
	_controls()
	await _paint_over()
	quit(_report.finish())


## What Godot warns of by default is an error here.
func _scripts() -> void:
	for property in ProjectSettings.get_property_list():
		if property.name.begins_with(WARNINGS) and property.type == TYPE_INT and ProjectSettings.get_setting(property.name) == WARN:
			ProjectSettings.set_setting(property.name, ERROR)
	# Addons are left out otherwise: until Godot 4.5 by the first of these, since then by the second.
	ProjectSettings.set_setting(WARNINGS + "exclude_addons", false)
	ProjectSettings.set_setting(WARNINGS + "directory_rules", {})
	ProjectSettings.settings_changed.emit()
	var scripts := _scripts_in("res://addons/playblast")
	_report.check(scripts.size() > 30, "the addon has scripts", scripts.size())
	for path in scripts:
		var script := ResourceLoader.load(path, "", ResourceLoader.CACHE_MODE_IGNORE) as GDScript
		_report.check(script != null and script.can_instantiate(), "%s has no errors and no warnings" % path)


func _scripts_in(folder: String) -> Array[String]:
	var found: Array[String] = []
	for file in DirAccess.get_files_at(folder):
		if file.get_extension() == "gd":
			found.append(folder.path_join(file))
	for child in DirAccess.get_directories_at(folder):
		found.append_array(_scripts_in(folder.path_join(child)))
	return found


## What a shot sends it also names, and a copy of it does the same.
func _controls() -> void:
	const KIND := PlayblastProtocol.PlaneKind
	var shot := PlayblastShot.new()
	var always: PackedInt32Array = [KIND.DEPTH, KIND.OWNER_ID, KIND.SHADE]
	var materials: PackedInt32Array = [KIND.ALBEDO, KIND.SURFACE_ID, KIND.COLOUR]
	_report.check(PlayblastShotMessages.controls(shot) == always + materials, "a shot names the engine's materials", PlayblastShotMessages.controls(shot))
	shot.send_materials = false
	var copy := PlayblastShot.new()
	copy.copy(shot)
	_report.check(PlayblastShotMessages.controls(copy) == always, "unless it sends none", PlayblastShotMessages.controls(copy))
	for one: PlayblastShot in [shot, copy]:
		one.free()


func _addresses() -> void:
	for case: Array in [
		["127.0.0.1:50071", "ws://127.0.0.1:50071/v1/shot"],
		["localhost", "ws://localhost:50071/v1/shot"],
		["  somewhere:8080 ", "ws://somewhere:8080/v1/shot"],
		["ws://somewhere:8080/v1/shot", "ws://somewhere:8080/v1/shot"],
		["wss://paint.example:443", "wss://paint.example:443/v1/shot"],
		["https://paint.example", "wss://paint.example:50071/v1/shot"],
		["[::1]:50071", "ws://[::1]:50071/v1/shot"],
		["[::1]", "ws://[::1]:50071/v1/shot"],
	]:
		var address := PlayblastServerAddress.parse(case[0])
		_report.check(address.shot_url() == case[1] and address.problem() == "", "the address %s" % case[0], [address.shot_url(), address.problem()])
	_report.check(PlayblastServerAddress.parse("wss://paint.example:443").http_url("/v1/models") == "https://paint.example:443/v1/models", "an address's page")
	for case: Array in [["", "no host"], [":50071", "no host"], ["ws://", "no host"], ["host:", "65535"], ["host:0", "65535"], ["host:65536", "65535"], ["host:ten", "65535"]]:
		var problem := PlayblastServerAddress.parse(case[0]).problem()
		_report.check(problem.contains(case[1]) and problem.contains("127.0.0.1:50071"), "what is wrong with the address '%s', and what to write" % case[0], problem)


func _bones() -> void:
	for case: Array in [
		["LeftUpperArm", "LeftUpperArm"], ["mixamorig:LeftForeArm", "LeftLowerArm"], ["mixamorig_RightUpLeg", "RightUpperLeg"],
		["J_Bip_L_Hand", "LeftHand"], ["J_Bip_C_UpperChest", "UpperChest"], ["DEF-upper_arm.L", "LeftUpperArm"], ["DEF-thigh.R", "RightUpperLeg"],
		["upperarm_l", "LeftUpperArm"], ["calf_r", "RightLowerLeg"], ["pelvis", "Hips"], ["Bip01 L Thigh", "LeftUpperLeg"],
		["foot.L", "LeftFoot"], ["tail", ""], ["", ""], ["Bone.001", ""],
	]:
		var found := PlayblastHumanoid.profile_name(case[0])
		_report.check(found == case[1], "the bone %s is %s" % case, found)
	var skeleton := Skeleton3D.new()
	for bone: String in ["Hips", "pelvis", "Spine"]:
		skeleton.add_bone(bone)
	_report.check(PlayblastHumanoid.map(skeleton) == PackedStringArray(["Hips", "", "Spine"]), "a name is given once", PlayblastHumanoid.map(skeleton))
	skeleton.free()


func _picture_view() -> void:
	var view := PlayblastPictureView.new()
	view.size = Vector2(300, 200)
	_report.check(view.picture_rect() == Rect2(0, 0, 300, 200), "without a picture, all is its place", view.picture_rect())
	var picture := PlayblastPicture.new()
	picture.generated = Image.create_empty(200, 100, false, Image.FORMAT_RGB8)
	picture.engine = picture.generated
	view.show_picture(picture)
	_report.check(view.picture_rect() == Rect2(0, 25, 300, 150), "a wide picture fills the width, in the middle", view.picture_rect())
	_report.check(view.aspect() == 2.0, "its shape is known", view.aspect())
	view.size = Vector2(300, 100)
	_report.check(view.picture_rect() == Rect2(50, 0, 200, 100), "in a low place it fills the height", view.picture_rect())
	view.split = 1.5
	_report.check(view.split == 1.0, "the slider stays on the picture", view.split)
	view.free()


func _picture_queue() -> void:
	var queue := PlayblastPictureQueue.new()
	var shown := func(from_msec: int, to_msec: int) -> Array:
		var ticks := []
		for now in range(from_msec, to_msec):
			var picture := queue.take(now, 0.0)
			if picture:
				ticks.append([picture.tick, now])
		return ticks
	var add := func(tick: int, now: int) -> void:
		var picture := PlayblastPicture.new()
		picture.tick = tick
		queue.add(picture, now, 40.0)
	for tick in 4:
		add.call(tick, 1000)
	var came: Array = shown.call(1000, 1300)
	_report.check(came == [[0, 1000], [1, 1040], [2, 1080], [3, 1120]], "a chunk's pictures are shown in the time of their ticks", came)
	for tick in range(4, 8):
		add.call(tick, 2000 + tick)
	for tick in range(8, 12):
		add.call(tick, 2100)
	came = shown.call(2100, 2300)
	_report.check(came == [[8, 2100], [9, 2140], [10, 2180], [11, 2220]], "a new chunk's first is shown at once, and what waited is skipped", came)
	queue.is_smooth = false
	add.call(12, 3000)
	add.call(13, 3000)
	came = shown.call(3000, 3100)
	_report.check(came == [[13, 3000]], "without smooth playback the newest is shown at once", came)


func _command() -> void:
	var folder := ProjectSettings.globalize_path("user://command")
	DirAccess.make_dir_recursive_absolute(folder.path_join("dist/cli"))
	_report.check(not PlayblastCommand.find(folder).is_there(), "a folder without Playblast has no command")
	for file: String in ["package.json", "dist/cli/playblast.js"]:
		FileAccess.open(folder.path_join(file), FileAccess.WRITE).store_string("{}")
	var found := PlayblastCommand.find(folder)
	_report.check(found.program == "node" and found.arguments == PackedStringArray([folder.path_join("dist/cli/playblast.js")]), "one with Playblast has", [found.program, found.arguments])
	for file: String in ["package.json", "dist/cli/playblast.js", "dist/cli", "dist", ""]:
		DirAccess.remove_absolute(folder.path_join(file))


func _translation() -> void:
	var node := Node.new()
	node.set_translation_domain(PlayblastTranslation.DOMAIN)
	for case: Array in [["de", "Verbinden"], ["de_AT", "Verbinden"], ["en", "Connect"], ["xx", "Connect"], ["", "Connect"]]:
		PlayblastTranslation.use(case[0])
		_report.check(node.tr("Connect") == case[1], "in '%s' it is called %s" % case, node.tr("Connect"))
	PlayblastTranslation.use("de")
	PlayblastTranslation.forget()
	_report.check(node.tr("Connect") == "Connect", "forgotten, it is English again", node.tr("Connect"))
	node.free()


func _paint_over() -> void:
	var paint_over := PlayblastPaintOver.new()
	root.add_child(paint_over)
	var painted: Array[Array] = []
	paint_over.painted.connect(func(path: String, bytes: PackedByteArray, of_tick: int) -> void: painted.append([path, bytes, of_tick]))
	var file := ProjectSettings.globalize_path("user://painted.png")
	FileAccess.open(file, FileAccess.WRITE).store_string("before")
	paint_over.watch(file)
	await create_timer(1.2).timeout
	_report.check(painted.is_empty(), "a file that nobody saves is left alone", painted)
	FileAccess.open(file, FileAccess.WRITE).store_string("afterwards")
	await create_timer(2.0).timeout
	_report.check(painted == [[file, "afterwards".to_ascii_buffer(), PlayblastLiveShot.NO_TICK]], "a saved file is read once", painted)
	DirAccess.remove_absolute(file)
	await create_timer(1.2).timeout
	_report.check(painted.size() == 1, "one that is away is waited for", painted)
	FileAccess.open(file, FileAccess.WRITE).store_string("again")
	await create_timer(2.0).timeout
	_report.check(painted.size() == 2, "and read when it is back", painted)
	paint_over.end()
	FileAccess.open(file, FileAccess.WRITE).store_string("unseen by anybody")
	await create_timer(1.2).timeout
	_report.check(painted.size() == 2, "at the end nothing is watched", painted)
	_report.check(FileAccess.file_exists(file), "and a file of the user's stays")
	DirAccess.remove_absolute(file)
	paint_over.free()
