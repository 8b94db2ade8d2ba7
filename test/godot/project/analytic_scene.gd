class_name AnalyticScene
extends Node3D
## A ground, boxes, a ball and a skinned arm of two bones, of which every pixel can be worked out on paper.

## Towards the ground, not along an axis.
const SUN_DIRECTION := Vector3(-0.35, -1.0, -0.25)
const GROUND_HALF := 8.0
const CRATE_HALF := Vector3(0.4, 0.35, 0.3)
const FLOATER_HALF := Vector3(0.45, 0.15, 0.35)
const BALL_RADIUS := 0.45
## The arm's flesh: a box a bone, each moved by its own bone alone.
const LOWER := AABB(Vector3(-0.14, 0.0, -0.12), Vector3(0.28, 0.7, 0.24))
const UPPER := AABB(Vector3(-0.1, 0.0, -0.09), Vector3(0.2, 0.6, 0.18))
const ELBOW := Vector3(0.0, 0.7, 0.0)

var camera := Camera3D.new()
var arm := Skeleton3D.new()
var floater: MeshInstance3D
var ball: Ball
var _ground: MeshInstance3D
var _crate: MeshInstance3D
var _flesh := MeshInstance3D.new()


## Moves by itself while frames go by, as physics and animation do.
class Ball extends MeshInstance3D:
	func _process(_delta: float) -> void:
		position.z -= 0.03


## One thing that a ray can hit.
class Surface:
	var owner_id: int
	## Local to world, without scale.
	var frame: Transform3D
	## Local bounds; a sphere's are those around it.
	var box: AABB
	var is_sphere := false
	## The mesh that it is part of.
	var mesh: MeshInstance3D

	func _init(id: int, shown: MeshInstance3D, place: Transform3D, bounds: AABB, round_one := false) -> void:
		owner_id = id
		mesh = shown
		frame = place
		box = bounds
		is_sphere = round_one

	## How many lengths of `direction` away from `origin` it begins; INF where it is missed.
	func hit(origin: Vector3, direction: Vector3) -> float:
		var from := frame.affine_inverse() * origin
		var along := frame.basis.inverse() * direction
		if is_sphere:
			var a := along.dot(along)
			var b := from.dot(along)
			var inside := b * b - a * (from.dot(from) - pow(box.size.x / 2.0, 2.0))
			var t := (-b - sqrt(inside)) / a if inside > 0.0 else INF
			return t if t > 0.0 else INF
		var enter := -INF
		var leave := INF
		for axis in 3:
			var a := (box.position[axis] - from[axis]) / along[axis]
			var b := (box.end[axis] - from[axis]) / along[axis]
			enter = maxf(enter, minf(a, b))
			leave = minf(leave, maxf(a, b))
		return enter if enter > 0.0 and enter <= leave else INF


func _ready() -> void:
	var ground := PlaneMesh.new()
	ground.size = Vector2.ONE * 2.0 * GROUND_HALF
	_ground = _add(MeshInstance3D.new(), ground, "Ground")
	_ground.material_override = _coloured(Color8(90, 110, 70))
	_crate = _add(MeshInstance3D.new(), _box_mesh(CRATE_HALF), "Crate")
	_crate.material_override = _coloured(Color8(180, 120, 60))
	_crate.transform = Transform3D(Basis(Vector3.UP, 0.5), Vector3(-1.3, CRATE_HALF.y, 0.2))
	floater = _add(MeshInstance3D.new(), _box_mesh(FLOATER_HALF), "Floater")
	var red := _coloured(Color.RED)
	red.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	floater.material_override = red
	var sphere := SphereMesh.new()
	sphere.radius = BALL_RADIUS
	sphere.height = 2.0 * BALL_RADIUS
	# So fine that its facets stay within 0.2 mm of the sphere.
	sphere.radial_segments = 128
	sphere.rings = 64
	ball = _add(Ball.new(), sphere, "Ball")
	ball.material_override = _coloured(Color8(40, 60, 200))
	ball.position = Vector3(1.4, BALL_RADIUS, 0.6)
	_add_arm()
	var sun := DirectionalLight3D.new()
	sun.name = "Sun"
	sun.shadow_enabled = true
	sun.directional_shadow_mode = DirectionalLight3D.SHADOW_ORTHOGONAL
	sun.directional_shadow_max_distance = 16.0
	add_child(sun)
	sun.look_at(SUN_DIRECTION)
	camera.name = "Camera"
	camera.near = 0.1
	camera.far = 40.0
	camera.environment = Environment.new()
	camera.environment.background_mode = Environment.BG_COLOR
	camera.environment.background_color = Color.BLUE
	camera.environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	camera.environment.ambient_light_color = Color.WHITE
	camera.environment.ambient_light_energy = 0.3
	add_child(camera)
	camera.make_current()


## Puts everything but the ball, which moves by itself, where it is at a tick; each tick has another kind of lens.
func pose_at(tick: int) -> void:
	floater.transform = Transform3D(Basis(Vector3.UP, 0.3 * tick), Vector3(-0.4 + 0.35 * tick, 1.1, 0.9))
	arm.transform = Transform3D(Basis(Vector3.UP, 0.4), Vector3(0.3, 0.0, -0.9))
	arm.set_bone_pose_rotation(0, _lower_turn(tick))
	arm.set_bone_pose_rotation(1, _upper_turn(tick))
	camera.position = Vector3(1.6 - 0.7 * tick, 2.1 + 0.1 * tick, 4.6)
	camera.look_at(Vector3(0.0, 0.5, 0.0))
	camera.h_offset = 0.0
	match tick % 4:
		0:
			camera.set_perspective(50.0, camera.near, camera.far)
		1:
			camera.set_perspective(62.0, camera.near, camera.far)
			camera.h_offset = 0.3
		2:
			camera.set_frustum(0.09, Vector2(0.012, -0.006), camera.near, camera.far)
		3:
			camera.set_orthogonal(4.0, camera.near, camera.far)


## World-space joints of the arm at a tick: shoulder and elbow.
func joints_at(tick: int) -> Array[Transform3D]:
	var shoulder := arm.transform * Transform3D(Basis(_lower_turn(tick)), Vector3.ZERO)
	return [shoulder, shoulder * Transform3D(Basis(_upper_turn(tick)), ELBOW)]


## What rays can hit, where the messages of a tick say that it is.
func surfaces(scene: Dictionary, objects: Array, characters: Array) -> Array[Surface]:
	var ids := {}
	for declared: Dictionary in scene.objects + scene.characters:
		ids[declared.id] = declared.owner_id
	var places := {}
	for object: Dictionary in objects:
		places[object.id] = frame_of(object.transform)
	var half := Vector3(GROUND_HALF, 0.0, GROUND_HALF)
	# The ground is a sheet, and the slabs of a box without height still meet.
	var found: Array[Surface] = [
		Surface.new(0, _ground, Transform3D(), AABB(-half, 2.0 * half)),
		Surface.new(0, _crate, _crate.transform, AABB(-CRATE_HALF, 2.0 * CRATE_HALF)),
		Surface.new(ids["Floater"], floater, places["Floater"], AABB(-FLOATER_HALF, 2.0 * FLOATER_HALF)),
		Surface.new(ids["Ball"], ball, places["Ball"], AABB(-Vector3.ONE * BALL_RADIUS, 2.0 * Vector3.ONE * BALL_RADIUS), true),
	]
	for bone in 2:
		var p: PackedFloat32Array = characters[0].positions.slice(bone * 3, bone * 3 + 3)
		var r: PackedFloat32Array = characters[0].rotations.slice(bone * 4, bone * 4 + 4)
		var joint := Transform3D(Basis(Quaternion(r[0], r[1], r[2], r[3])), Vector3(p[0], p[1], p[2]))
		found.append(Surface.new(ids["Arm"], _flesh, joint, LOWER if bone == 0 else UPPER))
	return found


## A Transform message as Godot has it; nothing in this scene is scaled.
static func frame_of(transform: Dictionary) -> Transform3D:
	var r: Dictionary = transform.rotation
	var p: Dictionary = transform.position
	return Transform3D(Basis(Quaternion(r.x, r.y, r.z, r.w)), Vector3(p.x, p.y, p.z))


func _lower_turn(tick: int) -> Quaternion:
	return Quaternion(Vector3.BACK, 0.25 - 0.2 * tick) * Quaternion(Vector3.RIGHT, 0.2)


func _upper_turn(tick: int) -> Quaternion:
	return Quaternion(Vector3.BACK, -0.5 + 0.3 * tick)


func _add(instance: MeshInstance3D, mesh: Mesh, title: String) -> MeshInstance3D:
	instance.name = title
	instance.mesh = mesh
	add_child(instance)
	return instance


func _coloured(colour: Color) -> StandardMaterial3D:
	var material := StandardMaterial3D.new()
	material.albedo_color = colour
	return material


func _box_mesh(half: Vector3) -> BoxMesh:
	var mesh := BoxMesh.new()
	mesh.size = 2.0 * half
	return mesh


func _add_arm() -> void:
	arm.name = "Arm"
	arm.add_bone("Lower")
	arm.add_bone("Upper")
	arm.set_bone_parent(1, 0)
	arm.set_bone_rest(1, Transform3D(Basis(), ELBOW))
	arm.reset_bone_poses()
	add_child(arm)
	var tool := SurfaceTool.new()
	tool.begin(Mesh.PRIMITIVE_TRIANGLES)
	_add_flesh(tool, 0, LOWER)
	_add_flesh(tool, 1, AABB(UPPER.position + ELBOW, UPPER.size))
	_flesh.name = "Flesh"
	_flesh.material_override = _coloured(Color8(220, 170, 140))
	_flesh.mesh = tool.commit()
	_flesh.skin = arm.create_skin_from_rest_transforms()
	arm.add_child(_flesh)
	_flesh.skeleton = NodePath("..")


func _add_flesh(tool: SurfaceTool, bone: int, bounds: AABB) -> void:
	var arrays := _box_mesh(bounds.size / 2.0).get_mesh_arrays()
	for index: int in arrays[Mesh.ARRAY_INDEX]:
		tool.set_normal(arrays[Mesh.ARRAY_NORMAL][index])
		tool.set_bones(PackedInt32Array([bone, 0, 0, 0]))
		tool.set_weights(PackedFloat32Array([1.0, 0.0, 0.0, 0.0]))
		tool.add_vertex(arrays[Mesh.ARRAY_VERTEX][index] + bounds.get_center())
