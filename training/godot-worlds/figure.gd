class_name Figure
extends Skeleton3D
## A skinned person of random build, clothes and gait, made by code: one closed skin a garment, bones with humanoid names.
##
## The rest pose stands with hanging arms, so every ring of the skin lies flat.

enum Deed { WALK, STAND, DANCE }

## Metres.
var height := 1.7
## Metres a second.
var speed := 1.0
## Seconds of two steps.
var stride := 1.1

var _dice: Dice
var _deed := Deed.WALK
var _start := Vector3.ZERO
## Radians about Y from +Z to where it walks at first, and how far that turns in a metre.
var _heading := 0.0
var _bend := 0.0
var _sway := 0.1
var _arm_swing := 0.4
var _lift := 0.1
var _phase := 0.0
var _thigh := 0.0
var _shin := 0.0
var _ankle := 0.0
var _hip := 0.0
var _stout := 1.0
var _lengths := {}


## Draws a person that can walk.
func _init(dice: Dice, surfaces: Surfaces) -> void:
	_dice = dice
	name = "Figure"
	var child := dice.chance(0.2)
	height = dice.between(1.05, 1.35) if child else dice.between(1.5, 1.95)
	_stout = dice.between(0.8, 1.35)
	stride = dice.between(0.85, 1.3) * sqrt(height / 1.7)
	speed = dice.between(0.4, 0.6) * height / stride
	_sway = dice.between(0.03, 0.2)
	_arm_swing = dice.between(0.15, 0.7)
	_lift = dice.between(0.05, 0.13)
	_phase = dice.between(0.0, 1.0)
	_add_bones(1.35 if child else dice.between(0.9, 1.2), dice.between(0.44, 0.52))
	_dress(surfaces)


## Lets it walk from a place: heading is about Y from +Z, `bend` how many radians the way turns in a metre.
func walk(from: Vector3, heading: float, bend: float) -> void:
	_deed = Deed.WALK
	_start = from
	_heading = heading
	_bend = bend


## Lets it stay where it is and look about, wave or dance.
func stay(at: Vector3, heading: float) -> void:
	_deed = _dice.pick([Deed.STAND, Deed.DANCE])
	_start = at
	_heading = heading


## A point of its chest, in the world.
func middle() -> Vector3:
	return position + Vector3(0, height * 0.6, 0)


## Poses it as it is at a time: nothing else decides.
func pose_at(seconds: float) -> void:
	match _deed:
		Deed.WALK: _walk(seconds)
		Deed.STAND: _stand(seconds)
		Deed.DANCE: _dance(seconds)


func _walk(seconds: float) -> void:
	var way := speed * seconds
	var turned := _bend * way
	var off := Vector3(0, 0, way)
	if absf(_bend) > 0.001:
		off = Vector3(1.0 - cos(turned), 0, sin(turned)) / _bend
	rotation = Vector3(0, _heading + turned, 0)
	position = _start + off.rotated(Vector3.UP, _heading)
	var phase := seconds / stride + _phase
	var wave := sin(phase * TAU)
	var reach := 0.31 * stride * speed
	# The hips sink while both feet stand apart, as far as the legs' length asks for.
	var leg := _thigh + _shin
	var sunk := leg - sqrt(leg * leg - reach * reach * 0.75) + 0.005 * height
	var hips := Vector3(0, _hip - lerpf(0.012 * height, sunk, 0.5 + 0.5 * cos((phase - 0.06) * 2.0 * TAU)), 0)
	_put("Hips", hips, Quaternion(Vector3.UP, _sway * wave) * Quaternion(Vector3.BACK, 0.3 * _sway * cos(phase * TAU)))
	_turn("Spine", Quaternion(Vector3.UP, -_sway * wave) * Quaternion(Vector3.RIGHT, 0.04))
	_turn("Chest", Quaternion(Vector3.UP, -_sway * wave))
	_turn("Head", Quaternion(Vector3.UP, 0.25 * sin(seconds * 1.1 + _phase * 5.0)))
	_arms(phase)
	_leg("Left", hips, _foot_place(phase, reach), _foot_pitch(phase))
	_leg("Right", hips, _foot_place(phase + 0.5, reach), _foot_pitch(phase + 0.5))


func _arms(phase: float) -> void:
	for side: String in ["Left", "Right"]:
		var out := 0.12 if side == "Left" else -0.12
		var swing := -cos(phase * TAU) if side == "Left" else cos(phase * TAU)
		_turn(side + "UpperArm", Quaternion(Vector3.BACK, out) * Quaternion(Vector3.RIGHT, -_arm_swing * swing))
		_turn(side + "LowerArm", Quaternion(Vector3.RIGHT, -0.25 - 0.5 * _arm_swing * maxf(0.0, swing)))


func _stand(seconds: float) -> void:
	position = _start
	rotation = Vector3(0, _heading, 0)
	var slow := seconds * 1.7 + _phase * TAU
	var hips := Vector3(0.012 * height * sin(slow), _hip - 0.012 * height, 0)
	_put("Hips", hips, Quaternion(Vector3.UP, 0.05 * sin(slow)))
	_turn("Spine", Quaternion(Vector3.RIGHT, 0.03 * sin(slow * 1.3)))
	_turn("Chest", Quaternion(Vector3.UP, _sway * 2.0 * sin(slow * 0.7)))
	_turn("Head", Quaternion(Vector3.UP, 0.5 * sin(slow * 0.6)) * Quaternion(Vector3.RIGHT, 0.1 * sin(slow)))
	_turn("LeftUpperArm", Quaternion(Vector3.BACK, 0.12) * Quaternion(Vector3.RIGHT, 0.1 * sin(slow)))
	_turn("LeftLowerArm", Quaternion(Vector3.RIGHT, -0.3))
	# The other arm waves.
	_turn("RightUpperArm", Quaternion(Vector3.BACK, -2.0 - 0.2 * sin(slow * 2.0)))
	_turn("RightLowerArm", Quaternion(Vector3.BACK, -0.5 - 0.5 * sin(slow * 3.0)))
	_leg("Left", hips, Vector2(0.0, _ankle), 0.0)
	_leg("Right", hips, Vector2(0.03 * height, _ankle), 0.0)


func _dance(seconds: float) -> void:
	position = _start
	var beat := seconds * 7.0 + _phase * TAU
	rotation = Vector3(0, _heading + 0.3 * sin(beat * 0.25), 0)
	var hips := Vector3(0.03 * height * sin(beat * 0.5), _hip - 0.05 * height - 0.03 * height * absf(sin(beat * 0.5)), 0)
	_put("Hips", hips, Quaternion(Vector3.UP, 0.3 * sin(beat * 0.5)) * Quaternion(Vector3.BACK, 0.1 * sin(beat * 0.5)))
	_turn("Spine", Quaternion(Vector3.BACK, -0.15 * sin(beat * 0.5)))
	_turn("Chest", Quaternion(Vector3.UP, -0.4 * sin(beat * 0.5)))
	_turn("Head", Quaternion(Vector3.BACK, 0.15 * sin(beat * 0.5)))
	for side: String in ["Left", "Right"]:
		var mirror := 1.0 if side == "Left" else -1.0
		_turn(side + "UpperArm", Quaternion(Vector3.BACK, mirror * (1.1 + 0.6 * sin(beat * 0.5 + mirror))))
		_turn(side + "LowerArm", Quaternion(Vector3.BACK, mirror * (0.7 + 0.5 * sin(beat * 0.5))))
		_leg(side, hips, Vector2(0.04 * height * mirror * _sway * 5.0, _ankle), 0.0)


## Where a foot's ankle is before the hips and above the floor: it stands for 0.62 of a stride, then swings.
func _foot_place(phase: float, reach: float) -> Vector2:
	var p := fposmod(phase, 1.0)
	if p < 0.62:
		return Vector2(reach * (1.0 - 2.0 * p / 0.62), _ankle + 0.03 * height * smoothstep(0.75, 1.0, p / 0.62))
	var s := (p - 0.62) / 0.38
	return Vector2(reach * (2.0 * smoothstep(0.0, 1.0, s) - 1.0), _ankle + 0.03 * height * (1.0 - s) + _lift * height * 0.6 * sin(s * PI))


func _foot_pitch(phase: float) -> float:
	var p := fposmod(phase, 1.0)
	if p < 0.62:
		return 0.5 * smoothstep(0.75, 1.0, p / 0.62)
	var s := (p - 0.62) / 0.38
	return 0.5 * (1.0 - s) - 0.25 * sin(s * PI)


## Bends a leg, in the plane of walking, so that its ankle is at `ankle`: the law of cosines.
func _leg(side: String, hips: Vector3, ankle: Vector2, pitch: float) -> void:
	var to := ankle - Vector2(0.0, hips.y - 0.01 * height)
	var distance := minf(to.length(), _thigh + _shin - 0.001)
	var line := atan2(to.x, -to.y)
	var at_hip := acos(clampf((_thigh * _thigh + distance * distance - _shin * _shin) / (2.0 * _thigh * distance), -1.0, 1.0))
	var knee := PI - acos(clampf((_thigh * _thigh + _shin * _shin - distance * distance) / (2.0 * _thigh * _shin), -1.0, 1.0))
	_turn(side + "UpperLeg", get_bone_pose_rotation(find_bone("Hips")).inverse() * Quaternion(Vector3.RIGHT, -(line + at_hip)))
	_turn(side + "LowerLeg", Quaternion(Vector3.RIGHT, knee))
	_turn(side + "Foot", Quaternion(Vector3.RIGHT, line + at_hip - knee + pitch))


func _turn(bone: String, turn: Quaternion) -> void:
	set_bone_pose_rotation(find_bone(bone), turn)


func _put(bone: String, at: Vector3, turn: Quaternion) -> void:
	set_bone_pose_position(find_bone(bone), at)
	_turn(bone, turn)


## Bones in the rest pose; `leg_share` is the height of the hip joints in heights.
func _add_bones(head: float, leg_share: float) -> void:
	_ankle = 0.04 * height
	_hip = leg_share * height + 0.01 * height
	var leg := leg_share * height - _ankle
	_thigh = leg * _dice.between(0.49, 0.53)
	_shin = leg - _thigh
	var head_size := 0.13 * head * height
	var torso := height - _hip - head_size - 0.04 * height
	var shoulder := _dice.between(0.09, 0.112) * height * sqrt(_stout)
	var arm := _dice.between(0.29, 0.34) * height
	_lengths = {"torso": torso, "head": head_size, "shoulder": shoulder, "arm": arm}
	_bone("Hips", "", Vector3(0, _hip, 0))
	_bone("Spine", "Hips", Vector3(0, torso * 0.22, 0))
	_bone("Chest", "Spine", Vector3(0, torso * 0.3, 0))
	_bone("Neck", "Chest", Vector3(0, torso * 0.48, 0))
	_bone("Head", "Neck", Vector3(0, 0.045 * height, 0))
	for side: String in ["Left", "Right"]:
		var mirror := 1.0 if side == "Left" else -1.0
		_bone(side + "UpperArm", "Chest", Vector3(mirror * shoulder, torso * 0.4, 0))
		_bone(side + "LowerArm", side + "UpperArm", Vector3(0, -arm * 0.5, 0))
		_bone(side + "Hand", side + "LowerArm", Vector3(0, -arm * 0.45, 0))
		_bone(side + "UpperLeg", "Hips", Vector3(mirror * 0.052 * height * sqrt(_stout), -0.01 * height, 0))
		_bone(side + "LowerLeg", side + "UpperLeg", Vector3(0, -_thigh, 0))
		_bone(side + "Foot", side + "LowerLeg", Vector3(0, -_shin, 0))
	reset_bone_poses()


func _bone(bone: String, parent: String, at: Vector3) -> void:
	var index := add_bone(bone)
	if parent != "":
		set_bone_parent(index, find_bone(parent))
	set_bone_rest(index, Transform3D(Basis(), at))


func _joint(bone: String) -> Vector3:
	return get_bone_global_rest(find_bone(bone)).origin


## Puts clothes, skin and hair on as one mesh with a surface each.
func _dress(surfaces: Surfaces) -> void:
	var skin := surfaces.plain(Color.from_ok_hsl(_dice.between(0.05, 0.11), _dice.between(0.35, 0.6), _dice.between(0.3, 0.82)))
	var hair := surfaces.plain(Color.from_ok_hsl(_dice.pick([_dice.between(0.05, 0.12), _dice.between(0.0, 1.0)]), _dice.between(0.1, 0.7), _dice.between(0.12, 0.7)))
	var shirt := surfaces.cloth()
	var legs := surfaces.cloth()
	var shoes := surfaces.plain(Color.from_ok_hsl(_dice.between(0.0, 1.0), _dice.between(0.0, 0.6), _dice.between(0.12, 0.7)))
	var sewing := Sewing.new(self)
	var long_sleeves := _dice.chance(0.5)
	var skirt := _dice.chance(0.3)
	var short_legs := not skirt and _dice.chance(0.25)
	_torso(sewing, shirt)
	_head(sewing, skin, hair, shirt)
	for side: String in ["Left", "Right"]:
		_arm(sewing, side, shirt, shirt if long_sleeves else skin, skin)
		_leg_skin(sewing, side, skin if skirt else legs, skin if skirt or short_legs else legs, shoes)
	if skirt:
		_skirt(sewing, legs)
	if _dice.chance(0.25):
		sewing.ball("Chest", _joint("Chest") + Vector3(0, 0.16, -0.42) * (_lengths.torso as float), Vector3(0.07, 0.12, 0.05) * height, surfaces.cloth())
	var body := MeshInstance3D.new()
	body.name = "Body"
	body.mesh = sewing.mesh()
	body.skin = create_skin_from_rest_transforms()
	add_child(body)
	body.skeleton = NodePath("..")


func _torso(sewing: Sewing, shirt: Material) -> void:
	var torso: float = _lengths.torso
	var shoulder: float = _lengths.shoulder
	var wide := 0.088 * height * sqrt(_stout)
	var deep := 0.06 * height * _stout
	var waist := _dice.between(0.78, 1.05)
	sewing.tube([
		[Vector3(0, _hip - 0.055 * height, 0), wide * 0.7, deep * 0.8, "Hips", "Hips", 0.0],
		[Vector3(0, _hip, 0), wide, deep * 1.05, "Hips", "Hips", 0.0],
		[Vector3(0, _hip + torso * 0.2, 0), wide * waist, deep * waist, "Hips", "Spine", 0.5],
		[Vector3(0, _hip + torso * 0.4, 0), wide * waist, deep * waist, "Spine", "Chest", 0.2],
		[Vector3(0, _hip + torso * 0.6, 0), wide * 1.05, deep * 1.1, "Spine", "Chest", 0.8],
		[Vector3(0, _hip + torso * 0.82, 0), shoulder * 1.02, deep * 1.05, "Chest", "Chest", 0.0],
		[Vector3(0, _hip + torso * 0.93, 0), shoulder * 0.85, deep * 0.75, "Chest", "Chest", 0.0],
		[Vector3(0, _hip + torso * 1.01, 0), 0.035 * height, 0.035 * height, "Chest", "Neck", 0.4],
	], shirt)


func _head(sewing: Sewing, skin: Material, hair: Material, hat: Material) -> void:
	var size: float = _lengths.head
	var neck := _joint("Neck")
	var centre := _joint("Head") + Vector3(0, size * 0.42, 0.01 * height)
	sewing.tube([
		[neck - Vector3(0, 0.03 * height, 0), 0.034 * height, 0.034 * height, "Chest", "Neck", 0.7],
		[neck + Vector3(0, 0.02 * height, 0), 0.03 * height, 0.03 * height, "Neck", "Neck", 0.0],
		[centre, 0.03 * height, 0.03 * height, "Neck", "Head", 1.0],
	], skin)
	sewing.ball("Head", centre, Vector3(0.4, 0.54, 0.46) * size, skin)
	sewing.ball("Head", centre + Vector3(0, -0.05, 0.45) * size, Vector3(0.07, 0.1, 0.1) * size, skin)
	match _dice.whole(0, 3):
		0:
			sewing.ball("Head", centre + Vector3(0, 0.12, -0.1) * size, Vector3(0.45, 0.5, 0.45) * size, hair)
		1:
			sewing.ball("Head", centre + Vector3(0, 0.12, -0.1) * size, Vector3(0.46, 0.5, 0.46) * size, hair)
			sewing.ball("Head", centre + Vector3(0, -0.25, -0.25) * size, Vector3(0.4, 0.6, 0.25) * size, hair)
		2:
			sewing.ball("Head", centre + Vector3(0, 0.1, -0.08) * size, Vector3(0.44, 0.46, 0.44) * size, hair)
			sewing.ball("Head", centre + Vector3(0, 0.55, -0.25) * size, Vector3(0.2, 0.2, 0.2) * size, hair)
		3:
			sewing.ball("Head", centre + Vector3(0, 0.25, 0) * size, Vector3(0.46, 0.42, 0.5) * size, hat)
			sewing.ball("Head", centre + Vector3(0, 0.25, 0.1) * size, Vector3(0.7, 0.06, 0.75) * size, hat)


func _arm(sewing: Sewing, side: String, upper: Material, lower: Material, skin: Material) -> void:
	var arm: float = _lengths.arm
	var thick := 0.03 * height * sqrt(_stout)
	var top := _joint(side + "UpperArm")
	var shoulder_bone := side + "UpperArm"
	var elbow_bone := side + "LowerArm"
	var inward := Vector3(-signf(top.x) * thick * 0.4, 0, 0)
	sewing.tube([
		[top + Vector3(0, thick * 0.9, 0) + inward, thick * 0.7, thick * 0.8, "Chest", shoulder_bone, 0.5],
		[top - Vector3(0, thick * 0.3, 0), thick * 1.25, thick * 1.2, "Chest", shoulder_bone, 0.75],
		[top - Vector3(0, arm * 0.25, 0), thick * 1.1, thick * 1.1, shoulder_bone, elbow_bone, 0.0],
		[top - Vector3(0, arm * 0.46, 0), thick * 1.0, thick * 1.0, shoulder_bone, elbow_bone, 0.3],
	], upper)
	sewing.tube([
		[top - Vector3(0, arm * 0.42, 0), thick * 0.9, thick * 0.9, shoulder_bone, elbow_bone, 0.25],
		[top - Vector3(0, arm * 0.54, 0), thick * 0.95, thick * 0.95, shoulder_bone, elbow_bone, 0.8],
		[top - Vector3(0, arm * 0.7, 0), thick * 0.85, thick * 0.85, elbow_bone, elbow_bone, 0.0],
		[top - Vector3(0, arm * 0.94, 0), thick * 0.65, thick * 0.65, elbow_bone, side + "Hand", 0.3],
	], lower)
	sewing.ball(side + "Hand", _joint(side + "Hand") - Vector3(0, 0.04 * height, 0), Vector3(0.017, 0.05, 0.03) * height, skin)


func _leg_skin(sewing: Sewing, side: String, upper: Material, lower: Material, shoe: Material) -> void:
	var thick := 0.05 * height * sqrt(_stout)
	var hip := _joint(side + "UpperLeg")
	var knee := _joint(side + "LowerLeg")
	var thigh_bone := side + "UpperLeg"
	var shin_bone := side + "LowerLeg"
	sewing.tube([
		[hip + Vector3(0, 0.045 * height, 0), thick * 0.8, thick * 0.9, "Hips", thigh_bone, 0.1],
		[hip - Vector3(0, 0.01 * height, 0), thick * 1.1, thick * 1.15, "Hips", thigh_bone, 0.6],
		[hip - Vector3(0, _thigh * 0.4, 0), thick * 1.05, thick * 1.1, thigh_bone, thigh_bone, 0.0],
		[knee + Vector3(0, _thigh * 0.12, 0), thick * 0.8, thick * 0.85, thigh_bone, shin_bone, 0.2],
		[knee - Vector3(0, _shin * 0.08, 0), thick * 0.75, thick * 0.8, thigh_bone, shin_bone, 0.75],
	], upper)
	sewing.tube([
		[knee + Vector3(0, _thigh * 0.1, 0), thick * 0.7, thick * 0.75, thigh_bone, shin_bone, 0.25],
		[knee - Vector3(0, _shin * 0.1, 0), thick * 0.72, thick * 0.78, thigh_bone, shin_bone, 0.8],
		[knee - Vector3(0, _shin * 0.35, -0.1 * thick), thick * 0.72, thick * 0.82, shin_bone, shin_bone, 0.0],
		[knee - Vector3(0, _shin * 0.98, 0), thick * 0.5, thick * 0.55, shin_bone, side + "Foot", 0.4],
	], lower)
	var sole := Vector3(0, 0.026 * height - _ankle, 0)
	sewing.ball(side + "Foot", _joint(side + "Foot") + sole + Vector3(0, 0.012, 0.0) * height, Vector3(0.026, 0.036, 0.034) * height, shoe)
	sewing.ball(side + "Foot", _joint(side + "Foot") + sole + Vector3(0, -0.002, 0.045) * height, Vector3(0.027, 0.024, 0.066) * height, shoe)


## Follows the hips, and each side of it the leg there.
func _skirt(sewing: Sewing, cloth: Material) -> void:
	var long := _dice.between(0.5, 1.5) * _thigh
	var wide := 0.092 * height * sqrt(_stout)
	var deep := 0.066 * height * _stout
	var flare := _dice.between(1.3, 1.9)
	var rings := []
	for ring in 5:
		var share := ring / 4.0
		var swell := lerpf(1.0, flare, share)
		rings.append([Vector3(0, _hip + 0.07 * height - (long + 0.07 * height) * share, 0), wide * swell, deep * lerpf(1.0, flare * 1.25, share), "Hips", "legs", 0.65 * share])
	sewing.tube(rings, cloth)
