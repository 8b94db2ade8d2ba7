@tool
extends EditorScenario
## The scene is edited in mid-stream.


func run() -> void:
	await user.open(STAGE)
	user.press("Connect")
	await expect(user.is_newest_shown, "a picture to begin with")
	report.check("Crate" not in user.declared("objects"), "a crate that stands still is part of the world")
	var crate: Node3D = user.root().get_node("Crate")
	for step in 5:
		crate.position.x -= 0.2
		await user.frames(2)
	await expect(func() -> bool: return "Crate" in user.declared("objects") and user.is_newest_shown(), "a crate that is moved by hand becomes an object by itself")
	var place: Dictionary = user.picture().frame.objects.filter(func(pose: Dictionary) -> bool: return pose.id == "Crate")[0].transform.position
	report.check(is_equal_approx(place.x, crate.position.x), "and is painted where it is", place)
	await _add_and_free()
	await _unmoved()


func _add_and_free() -> void:
	var before := user.tick()
	var barrel := RigidBody3D.new()
	barrel.name = "Barrel"
	var mesh := MeshInstance3D.new()
	mesh.mesh = CylinderMesh.new()
	barrel.add_child(mesh)
	user.add(barrel)
	barrel.position = Vector3(-1.0, 1.0, -1.0)
	await expect(func() -> bool: return "Barrel" in user.declared("objects") and user.tick() > before and user.is_newest_shown(), "a body that is added is streamed")
	barrel.free()
	await expect(func() -> bool: return "Barrel" not in user.declared("objects") and user.is_newest_shown(), "one that is freed is not any more")
	var surfaces := user.live()._reader.surfaces.size()
	var rock := MeshInstance3D.new()
	rock.mesh = BoxMesh.new()
	before = user.tick()
	user.add(rock)
	await expect(func() -> bool: return user.live()._reader.surfaces.size() == surfaces + 1 and user.tick() > before and user.is_newest_shown(), "a rock that is added is painted, as part of the world")
	before = user.tick()
	rock.visible = false
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "one that is hidden is painted away")
	before = user.tick()
	rock.free()
	await user.seconds(1.0)
	await expect(user.is_newest_shown, "and one that is freed leaves the stream alone")


## What no pose tells is seen through the editor's history of edits.
func _unmoved() -> void:
	var before := user.tick()
	var floor_mesh: MeshInstance3D = user.root().get_node("Floor")
	var history := EditorInterface.get_editor_undo_redo()
	history.create_action("Paint the floor", UndoRedo.MERGE_DISABLE, floor_mesh)
	history.add_do_property(floor_mesh, &"material_override", StandardMaterial3D.new())
	history.add_undo_property(floor_mesh, &"material_override", null)
	history.commit_action()
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "another material shows in the next picture")
	# As an animation's track does it.
	before = user.tick()
	(floor_mesh.material_override as StandardMaterial3D).albedo_color = Color.SEA_GREEN
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "so does another colour of the material")
