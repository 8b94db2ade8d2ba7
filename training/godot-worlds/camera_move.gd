class_name CameraMove
extends RefCounted
## How a camera moves in a shot: an orbit, a dolly, a truck, a pan, a crane, a chase or rest, perhaps with a shaking hand.

const KINDS: Array[String] = ["orbit", "orbit", "orbit", "dolly", "truck", "pan", "crane", "chase", "rest"]
## Seconds that a move takes; it stays where it then is.
const SECONDS := 3.0

## Degrees from bottom to top.
var fov := 55.0

var _dice: Dice
var _kind := ""
var _focus := Vector3.ZERO
var _heading := 0.0
var _distance := 4.0
var _height := 1.0
var _reach := 0.0
var _eased := true
var _roll := 0.0
var _shake := 0.0
var _shake_rates := Vector3.ZERO
## Where what it chases is at a time, less where it is half way.
var _chased := Callable()


## Draws a move about a point: `chased` says how far from there is, at a time, what a chase follows.
func _init(dice: Dice, focus: Vector3, roomy: bool, chased: Callable) -> void:
	_dice = dice
	_kind = dice.pick(KINDS)
	_chased = chased
	_focus = focus + Vector3(dice.between(-0.5, 0.5), dice.between(-0.3, 0.4), dice.between(-0.5, 0.5))
	fov = minf(dice.between(40.0, 75.0), dice.between(40.0, 75.0))
	_heading = dice.between(-PI, PI)
	_distance = dice.scaled(2.0, 5.2 if roomy else 4.4) * lerpf(1.25, 0.85, (fov - 40.0) / 35.0)
	_height = dice.between(0.0, 0.9) if dice.chance(0.55) else dice.between(0.7, 2.4 if roomy else 1.6)
	_eased = dice.chance(0.5)
	_roll = dice.between(-0.06, 0.06) if dice.chance(0.15) else 0.0
	_shake = dice.scaled(0.002, 0.012) if dice.chance(0.4) else 0.0
	_shake_rates = Vector3(dice.between(4.0, 9.0), dice.between(4.0, 9.0), dice.between(4.0, 9.0))
	match _kind:
		"orbit": _reach = dice.side() * dice.between(0.25, 1.1)
		"dolly": _reach = dice.side() * dice.between(0.6, 1.8)
		"truck": _reach = dice.side() * dice.between(0.6, 2.4)
		"pan": _reach = dice.side() * dice.between(0.25, 0.8)
		"crane": _reach = dice.side() * dice.between(0.5, 1.5)


## Where the camera is at a time.
func at(seconds: float) -> Transform3D:
	var share := clampf(seconds / SECONDS, 0.0, 1.0)
	var way := (smoothstep(0.0, 1.0, share) if _eased else share) - 0.5
	var heading := _heading
	var distance := _distance
	var height := _height
	var focus := _focus
	match _kind:
		"orbit": heading += way * _reach
		"dolly": distance += way * _reach
		"crane": height += way * _reach
		"chase": focus += (_chased.call(seconds) as Vector3) * 0.8
	var back := Vector3(sin(heading), 0, cos(heading))
	var place := focus + back * distance + Vector3(0, height, 0)
	var aim := focus
	if _kind == "truck":
		var side := back.cross(Vector3.UP) * way * _reach
		place += side
		aim += side
	var view := Transform3D(Basis(), place).looking_at(aim)
	if _kind == "pan":
		view.basis = Basis(Vector3.UP, way * _reach) * view.basis
	if _roll != 0.0:
		view.basis = view.basis * Basis(Vector3.BACK, _roll)
	if _shake > 0.0:
		view.origin += _shake * Vector3(_wobble(seconds, 0.0), _wobble(seconds, 1.7), _wobble(seconds, 3.1))
		view.basis = view.basis * Basis(Vector3.RIGHT, _shake * _wobble(seconds, 5.0)) * Basis(Vector3.UP, _shake * _wobble(seconds, 7.9))
	return view


func _wobble(seconds: float, phase: float) -> float:
	return (sin(_shake_rates.x * seconds + phase) + 0.6 * sin(_shake_rates.y * 1.9 * seconds + phase * 2.3) + 0.3 * sin(_shake_rates.z * 3.1 * seconds + phase)) / 1.9
