class_name Walker
extends Skeleton3D
## A walking figure with a skinned mesh, made by code. Its feet stand still while they carry it.

const HEIGHT := 1.75
const SPEED := 0.95
## Seconds a stride takes, and the share of it that a foot stands.
const STRIDE := 1.15
const STANCE := 0.62
const START := -1.9

## Name, parent, rest offset in heights, the way that the flesh reaches, its radii in heights, its colour.
const BODY := [
	["Hips", "", Vector3(0, 0.53, 0), Vector3(0, 0.04, 0), [0.085, 0.075], Color(0.2, 0.25, 0.36)],
	["Spine", "Hips", Vector3(0, 0.06, 0), Vector3(0, 0.1, 0), [0.076, 0.06], Color(0.72, 0.4, 0.2)],
	["Chest", "Spine", Vector3(0, 0.1, 0), Vector3(0, 0.13, 0), [0.1, 0.066], Color(0.72, 0.4, 0.2)],
	["Neck", "Chest", Vector3(0, 0.14, 0), Vector3(0, 0.05, 0), [0.028, 0.028], Color(0.8, 0.58, 0.45)],
	["Head", "Neck", Vector3(0, 0.05, 0), Vector3(0, 0.13, 0), [0.052, 0.06], Color(0.8, 0.58, 0.45)],
	["LeftUpperArm", "Chest", Vector3(0.112, 0.11, 0), Vector3(0, -0.16, 0), [0.033, 0.033], Color(0.72, 0.4, 0.2)],
	["LeftLowerArm", "LeftUpperArm", Vector3(0, -0.16, 0), Vector3(0, -0.14, 0), [0.027, 0.027], Color(0.72, 0.4, 0.2)],
	["LeftHand", "LeftLowerArm", Vector3(0, -0.14, 0), Vector3(0, -0.08, 0), [0.02, 0.03], Color(0.8, 0.58, 0.45)],
	["RightUpperArm", "Chest", Vector3(-0.112, 0.11, 0), Vector3(0, -0.16, 0), [0.033, 0.033], Color(0.72, 0.4, 0.2)],
	["RightLowerArm", "RightUpperArm", Vector3(0, -0.16, 0), Vector3(0, -0.14, 0), [0.027, 0.027], Color(0.72, 0.4, 0.2)],
	["RightHand", "RightLowerArm", Vector3(0, -0.14, 0), Vector3(0, -0.08, 0), [0.02, 0.03], Color(0.8, 0.58, 0.45)],
	["LeftUpperLeg", "Hips", Vector3(0.052, -0.01, 0), Vector3(0, -0.25, 0), [0.052, 0.056], Color(0.2, 0.25, 0.36)],
	["LeftLowerLeg", "LeftUpperLeg", Vector3(0, -0.25, 0), Vector3(0, -0.235, 0), [0.038, 0.042], Color(0.2, 0.25, 0.36)],
	["LeftFoot", "LeftLowerLeg", Vector3(0, -0.235, 0), Vector3(0, -0.012, 0.09), [0.032, 0.03], Color(0.16, 0.1, 0.08)],
	["RightUpperLeg", "Hips", Vector3(-0.052, -0.01, 0), Vector3(0, -0.25, 0), [0.052, 0.056], Color(0.2, 0.25, 0.36)],
	["RightLowerLeg", "RightUpperLeg", Vector3(0, -0.25, 0), Vector3(0, -0.235, 0), [0.038, 0.042], Color(0.2, 0.25, 0.36)],
	["RightFoot", "RightLowerLeg", Vector3(0, -0.235, 0), Vector3(0, -0.012, 0.09), [0.032, 0.03], Color(0.16, 0.1, 0.08)],
]


func _init() -> void:
	for row: Array in BODY:
		var bone := add_bone(row[0])
		if row[1] != "":
			set_bone_parent(bone, find_bone(row[1]))
		set_bone_rest(bone, Transform3D(Basis(), row[2] * HEIGHT))
	reset_bone_poses()


func _ready() -> void:
	var skinned := MeshInstance3D.new()
	skinned.name = "Body"
	skinned.mesh = _flesh()
	skinned.skin = create_skin_from_rest_transforms()
	var material := StandardMaterial3D.new()
	material.vertex_color_use_as_albedo = true
	material.vertex_color_is_srgb = true
	material.roughness = 1.0
	material.metallic_specular = 0.0
	skinned.material_override = material
	add_child(skinned)
	skinned.skeleton = NodePath("..")


## Walks along +Z: everything is a function of time.
func pose_at(seconds: float) -> void:
	position = Vector3(0, 0, START + SPEED * seconds)
	var phase := seconds / STRIDE
	var bob := 0.014 * cos(phase * 2.0 * TAU)
	var hips := Vector3(0, 0.515 * HEIGHT + bob, 0)
	set_bone_pose_position(find_bone("Hips"), hips)
	set_bone_pose_rotation(find_bone("Hips"), Quaternion(Vector3.UP, 0.09 * sin(phase * TAU)))
	set_bone_pose_rotation(find_bone("Spine"), Quaternion(Vector3.RIGHT, 0.05) * Quaternion(Vector3.UP, -0.07 * sin(phase * TAU)))
	set_bone_pose_rotation(find_bone("Chest"), Quaternion(Vector3.UP, -0.1 * sin(phase * TAU)))
	set_bone_pose_rotation(find_bone("Head"), Quaternion(Vector3.UP, 0.2 * sin(seconds * 0.9)))
	_leg("Left", phase, hips)
	_leg("Right", phase + 0.5, hips)
	_arm("Left", phase + 0.5)
	_arm("Right", phase)


func _arm(side: String, phase: float) -> void:
	var swing := cos(phase * TAU)
	var out := 0.1 if side == "Left" else -0.1
	set_bone_pose_rotation(find_bone(side + "UpperArm"), Quaternion(Vector3.BACK, out) * Quaternion(Vector3.RIGHT, -0.42 * swing))
	set_bone_pose_rotation(find_bone(side + "LowerArm"), Quaternion(Vector3.RIGHT, -0.28 - 0.2 * maxf(0.0, swing)))


## Two-bone inverse kinematics in the plane of walking: the ankle follows the ground, then an arc forward.
func _leg(side: String, phase: float, hips: Vector3) -> void:
	var p := fposmod(phase, 1.0)
	var reach := 0.5 * STANCE * STRIDE * SPEED
	var ankle := Vector2(0.0, 0.035 * HEIGHT)
	var toe := 0.0
	if p < STANCE:
		ankle.x = reach * (1.0 - 2.0 * p / STANCE)
		toe = 0.5 * smoothstep(0.75, 1.0, p / STANCE)
		ankle.y += 0.06 * toe
	else:
		var s := (p - STANCE) / (1.0 - STANCE)
		ankle.x = reach * (2.0 * smoothstep(0.0, 1.0, s) - 1.0)
		ankle.y += 0.03 * (1.0 - s) + 0.11 * sin(s * PI)
		toe = 0.5 * (1.0 - s) - 0.25 * sin(s * PI)
	var thigh := 0.25 * HEIGHT
	var shin := 0.235 * HEIGHT
	var from := Vector2(0.0, hips.y - 0.01 * HEIGHT)
	var to := ankle - from
	var distance := minf(to.length(), thigh + shin - 0.002)
	var line := atan2(to.x, -to.y)
	var at_hip := acos(clampf((thigh * thigh + distance * distance - shin * shin) / (2.0 * thigh * distance), -1.0, 1.0))
	var at_knee := PI - acos(clampf((thigh * thigh + shin * shin - distance * distance) / (2.0 * thigh * shin), -1.0, 1.0))
	set_bone_pose_rotation(find_bone(side + "UpperLeg"), Quaternion(Vector3.RIGHT, -(line + at_hip)))
	set_bone_pose_rotation(find_bone(side + "LowerLeg"), Quaternion(Vector3.RIGHT, at_knee))
	set_bone_pose_rotation(find_bone(side + "Foot"), Quaternion(Vector3.RIGHT, line + at_hip - at_knee + toe))


## One skinned mesh: a rounded tube a bone, whose ends follow the neighbouring bone half way.
func _flesh() -> ArrayMesh:
	var tool := SurfaceTool.new()
	tool.begin(Mesh.PRIMITIVE_TRIANGLES)
	for bone in BODY.size():
		var row: Array = BODY[bone]
		_tube(tool, bone, row[3] * HEIGHT, row[4][0] * HEIGHT, row[4][1] * HEIGHT, row[5])
	var hair := Color(0.22, 0.13, 0.08)
	_ball(tool, find_bone("Head"), Vector3(0, 0.085, -0.012) * HEIGHT, Vector3(0.057, 0.066, 0.062) * HEIGHT, hair)
	_ball(tool, find_bone("Head"), Vector3(0, 0.055, 0.06) * HEIGHT, Vector3(0.009, 0.012, 0.014) * HEIGHT, Color(0.75, 0.5, 0.4))
	_ball(tool, find_bone("Chest"), Vector3(0, 0.06, -0.065) * HEIGHT, Vector3(0.062, 0.085, 0.04) * HEIGHT, Color(0.24, 0.38, 0.3))
	tool.index()
	tool.generate_normals()
	return tool.commit()


func _tube(tool: SurfaceTool, bone: int, along: Vector3, wide: float, deep: float, colour: Color) -> void:
	var length := along.length()
	var axis := along / length
	var side := Vector3.RIGHT
	var front := axis.cross(side).normalized() * -1.0
	side = front.cross(axis).normalized() * -1.0
	var round_end := minf(wide, deep)
	var point := func(ring: int, turn: int) -> Array:
		var latitude := PI * ring / 10.0
		var spread := sin(latitude)
		var at := -round_end * cos(latitude) if ring < 5 else length - round_end * cos(latitude)
		if ring == 5:
			at = length * 0.5
		var angle := TAU * turn / 14.0
		var place := axis * at + (side * cos(angle) * wide + front * sin(angle) * deep) * maxf(spread, 0.001)
		return [place, clampf(0.5 - at / (0.3 * length) * 0.5, 0.0, 0.5)]
	_surface(tool, bone, point, colour)


func _ball(tool: SurfaceTool, bone: int, centre: Vector3, radii: Vector3, colour: Color) -> void:
	var point := func(ring: int, turn: int) -> Array:
		var latitude := PI * ring / 10.0
		var angle := TAU * turn / 14.0
		var unit := Vector3(sin(latitude) * cos(angle), -cos(latitude), -sin(latitude) * sin(angle))
		return [centre + unit * radii, 0.0]
	_surface(tool, bone, point, colour)


func _surface(tool: SurfaceTool, bone: int, point: Callable, colour: Color) -> void:
	var origin := get_bone_global_rest(bone).origin
	var parent := maxi(0, get_bone_parent(bone))
	var joined: bool = not get_bone_name(bone) in ["LeftUpperArm", "RightUpperArm", "LeftUpperLeg", "RightUpperLeg", "Hips"]
	for ring in 10:
		for turn in 14:
			for corner: Vector2i in [Vector2i(0, 0), Vector2i(1, 0), Vector2i(0, 1), Vector2i(0, 1), Vector2i(1, 0), Vector2i(1, 1)]:
				var made: Array = point.call(ring + corner.x, (turn + corner.y) % 14)
				var shared: float = made[1] if joined else 0.0
				tool.set_color(colour)
				tool.set_bones(PackedInt32Array([bone, parent, 0, 0]))
				tool.set_weights(PackedFloat32Array([1.0 - shared, shared, 0.0, 0.0]))
				tool.set_smooth_group(0)
				tool.add_vertex(origin + made[0])
