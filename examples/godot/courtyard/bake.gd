extends SceneTree
## Bakes the yard into a scene without scripts, with its movement as an animation: the addon's demo.
## `godot --headless --path . --script res://bake.gd -- addons/playblast/demo/courtyard.scn`

const ANIMATION := &"walk"
## When the close camera takes over.
const CUT_SECONDS := 3.4


func _initialize() -> void:
	_bake.call_deferred()


func _bake() -> void:
	var yard: Node3D = (load("res://courtyard.tscn") as PackedScene).instantiate()
	root.add_child(yard)
	await process_frame
	var player := AnimationPlayer.new()
	player.name = "AnimationPlayer"
	yard.add_child(player)
	var close_up := Camera3D.new()
	close_up.name = "CloseUp"
	close_up.fov = 34.0
	close_up.near = 0.1
	close_up.far = 60.0
	close_up.position = Vector3(2.6, 1.5, 3.4)
	yard.add_child(close_up)
	close_up.look_at(Vector3(0.0, 1.1, 1.6))
	var walk := _record(yard)
	var library := AnimationLibrary.new()
	library.add_animation(ANIMATION, walk)
	player.add_animation_library(&"", library)
	player.assigned_animation = ANIMATION
	var shot := PlayblastShot.new()
	shot.name = "Shot"
	yard.add_child(shot)
	_undress(yard, yard)
	shot.animation_player = player
	shot.animation = ANIMATION
	var scene := PackedScene.new()
	scene.pack(yard)
	var out := OS.get_cmdline_user_args()[0]
	DirAccess.make_dir_recursive_absolute("res://".path_join(out.get_base_dir()))
	var error := ResourceSaver.save(scene, "res://".path_join(out), ResourceSaver.FLAG_COMPRESS)
	print("baked %s: %s" % [out, error_string(error)])
	quit(0 if error == OK else 1)


## The yard's movement as one animation, a key a tick.
func _record(yard: Node3D) -> Animation:
	var animation := Animation.new()
	animation.step = 1.0 / yard.FRAME_RATE
	animation.length = yard.TICKS / yard.FRAME_RATE
	var skeleton: Skeleton3D = yard.walker
	var moved: Array[Node3D] = [skeleton, yard.ball, yard.sign_board, yard.camera]
	var places: Dictionary[Node3D, PackedInt32Array] = {}
	for node in moved:
		places[node] = _tracks(animation, yard.get_path_to(node))
	var bones: Array[PackedInt32Array] = []
	for bone in skeleton.get_bone_count():
		bones.append(_tracks(animation, NodePath("%s:%s" % [yard.get_path_to(skeleton), skeleton.get_bone_name(bone)])))
	for tick: int in yard.TICKS:
		var seconds: float = tick / yard.FRAME_RATE
		yard.pose_at(tick, seconds)
		for node in moved:
			animation.position_track_insert_key(places[node][0], seconds, node.position)
			animation.rotation_track_insert_key(places[node][1], seconds, node.quaternion)
		for bone in skeleton.get_bone_count():
			animation.position_track_insert_key(bones[bone][0], seconds, skeleton.get_bone_pose_position(bone))
			animation.rotation_track_insert_key(bones[bone][1], seconds, skeleton.get_bone_pose_rotation(bone))
	yard.pose_at(0, 0.0)
	for camera: String in ["Camera", "CloseUp"]:
		var track := animation.add_track(Animation.TYPE_VALUE)
		animation.track_set_path(track, camera + ":current")
		animation.value_track_set_update_mode(track, Animation.UPDATE_DISCRETE)
		animation.track_insert_key(track, 0.0, camera == "Camera")
		animation.track_insert_key(track, CUT_SECONDS, camera == "CloseUp")
	return animation


## Tracks for position and rotation of what `path` names.
func _tracks(animation: Animation, path: NodePath) -> PackedInt32Array:
	var tracks := PackedInt32Array([animation.add_track(Animation.TYPE_POSITION_3D), animation.add_track(Animation.TYPE_ROTATION_3D)])
	for track in tracks:
		animation.track_set_path(track, path)
	return tracks


## Takes the scripts off, and gives every node a name and its scene.
func _undress(node: Node, yard: Node3D) -> void:
	if not node is PlayblastShot:
		node.set_script(null)
	if node.name.begins_with("@"):
		node.name = ((node as MeshInstance3D).mesh.get_class().trim_suffix("Mesh") if node is MeshInstance3D else node.get_class()) + "1"
	if node != yard:
		node.owner = yard
	for child in node.get_children():
		_undress(child, yard)
