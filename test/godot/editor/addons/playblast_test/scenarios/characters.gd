@tool
extends EditorScenario
## Scenes with no character, with many, and with one whose bones have no names that anybody knows.


func run() -> void:
	await _with([], "none")
	await _with(["One", "Two", "Three", "Four"], "four")
	await _with(["Blob"], "odd")


func _with(names: Array[String], what: String) -> void:
	var made: Node = (load(STAGE) as PackedScene).instantiate()
	made.scene_file_path = ""
	made.name = what.capitalize()
	for at in names.size():
		var character := MadeCharacter.make(names[at] != "Blob")
		character.name = names[at]
		character.position = Vector3(at - 1.5, 0.0, -1.0)
		made.add_child(character)
	await user.open_made(made, "res://made/%s.tscn" % what)
	user.press("Connect")
	await expect(func() -> bool: return user.is_live() and user.tick() >= 0, "a scene with %s is streamed" % what)
	report.check(user.declared("characters") == Array(names), "its characters are declared", user.declared("characters"))
	var before := user.tick()
	for name in names:
		var skeleton: Skeleton3D = user.root().get_node(NodePath(name))
		skeleton.set_bone_pose_rotation(1, Quaternion(Vector3.RIGHT, 0.5))
	if names.is_empty():
		user.scrub(1.0)
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "and painted when they move")
	report.check(user.picture().frame.characters.size() == names.size(), "with a pose for each", user.picture().frame.characters.size())
	var knows_bones: bool = user.live()._declared.characters.all(func(character: Dictionary) -> bool:
		return character.bones.any(func(bone: Dictionary) -> bool: return bone.humanoid != "") == (character.id != "Blob"))
	report.check(knows_bones, "bones that have usual names are known, others are not")
	user.press("Disconnect")
