class_name Mover
extends Node3D
## A rigid thing that moves in a lane of the stage: rolls, bounces, slides, spins, swings, circles, climbs, rocks or flies.
##
## Where it is is a function of time alone.

const DEEDS: Array[String] = ["roll", "roll", "bounce", "bounce", "slide", "slide", "spin", "swing", "swing", "circle", "climb", "rock", "fly", "toss"]

## What stands still and belongs to it, such as the frame that it swings from; to be added to the place.
var stand: Node3D

var _dice: Dice
var _surfaces: Surfaces
var _stage: Stage
## Metres across the stage to its lane.
var _lane := 0.0
var _at: Callable
## Its middle, in its own coordinates.
var _middle := Vector3.ZERO


## Draws a mover for the lane at `lane` metres across the stage.
func _init(dice: Dice, surfaces: Surfaces, stage: Stage, lane: float) -> void:
	_dice = dice
	_surfaces = surfaces
	_stage = stage
	_lane = lane
	stand = Node3D.new()
	var deed: String = dice.pick(DEEDS)
	name = deed.capitalize()
	_at = call("_" + deed)
	_middle = Solids.bounds(self).get_center()


## A point of it, in the world.
func middle() -> Vector3:
	return transform * _middle


## Puts it where it is at a time.
func pose_at(seconds: float) -> void:
	transform = _at.call(seconds)


func _point(s: float, y: float) -> Vector3:
	return _stage.point(s, _lane) + Vector3(0, y, 0)


## Turned by the stage's heading: +X runs along the lane.
func _frame() -> Basis:
	return Basis(Vector3.UP, _stage.heading)


## Metres along the lane: there and back, or one way, within the lane's length.
func _run(fastest: float) -> Callable:
	var reach := _stage.length * _dice.between(0.25, 0.46)
	var speed := _dice.between(0.5, fastest)
	var from := _dice.between(-0.8, 0.3) * reach
	var side := _dice.side()
	if _dice.chance(0.35):
		var rate := speed / reach
		var phase := _dice.between(0.0, TAU)
		return func(seconds: float) -> float: return side * reach * sin(rate * seconds + phase)
	# One way, then it comes back: a triangle wave.
	return func(seconds: float) -> float:
		return side * (reach - absf(fposmod(from + reach + speed * seconds, 4.0 * reach) - 2.0 * reach))


## A body about the origin that shows its turning; returns how far it reaches below.
func _body(radius: float) -> float:
	match _dice.whole(0, 8):
		0, 1:
			var size := Vector3(_dice.between(0.8, 1.6), _dice.between(0.8, 1.6), _dice.between(0.8, 1.6)) * radius
			Solids.box(self, size, Vector3.ZERO, _surfaces.mover())
			return size.y * 0.5
		2:
			Solids.sphere(self, radius, Vector3.ZERO, _surfaces.mover())
			return radius
		3:
			Solids.cylinder(self, radius * 0.7, radius * 2.0, Vector3.ZERO, _surfaces.mover(), radius * _dice.between(0.0, 0.9))
			return radius
		4:
			Solids.torus(self, radius, radius * 0.3, Vector3.ZERO, _surfaces.mover()).rotation.x = PI * 0.5
			return radius * 1.3
		5:
			Solids.prism(self, Vector3(1.4, 1.6, 1.2) * radius, Vector3.ZERO, _surfaces.mover(), 0.0, _dice.between(0.0, 1.0))
			return radius * 0.8
		6:
			Solids.capsule(self, radius * 0.5, radius * 2.0, Vector3.ZERO, _surfaces.mover())
			Solids.box(self, Vector3(1.7, 0.3, 0.3) * radius, Vector3.ZERO, _surfaces.mover())
			return radius
		7:
			var paint := _surfaces.mover()
			for side: float in [-1.0, 1.0]:
				Solids.sphere(self, radius * 0.55, Vector3(side * radius * 0.7, 0, 0), paint)
			Solids.cylinder(self, radius * 0.25, radius * 1.4, Vector3.ZERO, _surfaces.mover()).rotation.z = PI * 0.5
			return radius * 0.55
	Solids.box(self, Vector3(1.2, 0.8, 1.2) * radius, Vector3(0, -0.4 * radius, 0), _surfaces.mover())
	Solids.box(self, Vector3(0.7, 0.6, 0.7) * radius, Vector3(0, 0.3 * radius, 0), _surfaces.mover())
	Solids.sphere(self, radius * 0.35, Vector3(0, 0.8 * radius, 0), _surfaces.mover())
	return radius * 0.8


## A ball, a drum or a wheel that rolls without slipping.
func _roll() -> Callable:
	var radius := _dice.between(0.16, 0.48)
	var around := _surfaces.mover()
	match _dice.whole(0, 3):
		0, 1: Solids.sphere(self, radius, Vector3.ZERO, around)
		2: Solids.cylinder(self, radius, _dice.between(0.3, 0.75), Vector3.ZERO, around).rotation.x = PI * 0.5
		3: Solids.torus(self, radius * 0.75, radius * 0.25, Vector3.ZERO, around).rotation.x = PI * 0.5
	var run := _run(2.2)
	return func(seconds: float) -> Transform3D:
		var s: float = run.call(seconds)
		return Transform3D(_frame() * Basis(Vector3.BACK, -s / radius), _point(s, radius))


func _bounce() -> Callable:
	var radius := _dice.between(0.14, 0.36)
	if _dice.chance(0.7):
		Solids.sphere(self, radius, Vector3.ZERO, _surfaces.mover())
	else:
		radius = _body(radius) * 1.05
	var run := _run(1.3)
	var height := _dice.between(0.3, 1.3)
	# A fall from the top lasts half a hop.
	var hop := 2.0 * sqrt(2.0 * height / 9.81)
	var phase := _dice.between(0.0, 1.0)
	var axis := _dice.direction()
	var spin := _dice.between(-4.0, 4.0)
	return func(seconds: float) -> Transform3D:
		var h := fposmod(seconds / hop + phase, 1.0) * 2.0 - 1.0
		return Transform3D(_frame() * Basis(axis, spin * seconds), _point(run.call(seconds), radius + height * (1.0 - h * h)))


## Slides and stops, and perhaps turns as it goes.
func _slide() -> Callable:
	var low := _body(_dice.between(0.25, 0.5))
	var reach := _stage.length * _dice.between(0.2, 0.42)
	var period := _dice.between(1.2, 3.0)
	var phase := _dice.between(0.0, 2.0)
	var turn := _dice.between(-1.5, 1.5) if _dice.chance(0.5) else 0.0
	return func(seconds: float) -> Transform3D:
		var beat := seconds / period + phase
		var share := smoothstep(0.1, 0.9, fposmod(beat, 1.0))
		var back := int(floorf(beat)) % 2 != 0
		var s := reach * (1.0 - 2.0 * share if back else 2.0 * share - 1.0)
		return Transform3D(_frame() * Basis(Vector3.UP, turn * s), _point(s, low))


## Turns on a pedestal.
func _spin() -> Callable:
	var high := _dice.between(0.1, 1.1)
	var s := _dice.between(-0.3, 0.3) * _stage.length
	if _dice.chance(0.5):
		Solids.cylinder(stand, _dice.between(0.2, 0.4), high, _point(s, high * 0.5), _surfaces.thing())
	else:
		Solids.box(stand, Vector3(0.5, high, 0.5), _point(s, high * 0.5), _surfaces.thing(), _stage.heading)
	var radius := _dice.between(0.25, 0.5)
	var tilt := Basis(Vector3.BACK, _dice.between(-0.5, 0.5) if _dice.chance(0.4) else 0.0)
	var low := _body(radius) + (radius * 0.5 if tilt != Basis() else 0.0)
	var rate := _dice.side() * _dice.between(0.7, 3.5)
	return func(seconds: float) -> Transform3D:
		return Transform3D(_frame() * Basis(Vector3.UP, rate * seconds) * tilt, _point(s, high + low))


## Hangs from a frame that stands over the lane and swings along or across it.
func _swing() -> Callable:
	var s := _dice.between(-0.3, 0.3) * _stage.length
	var high := minf(_dice.between(1.6, 2.6), _stage.headroom - 0.3)
	var metal := _surfaces.thing()
	for side: float in [-0.48, 0.48]:
		Solids.box(stand, Vector3(0.1, high, 0.1), _stage.point(s, _lane + side) + Vector3(0, high * 0.5, 0), metal, _stage.heading)
	Solids.box(stand, Vector3(0.12, 0.12, 1.1), _point(s, high), metal, _stage.heading)
	var rope := high * _dice.between(0.35, 0.6)
	Solids.cylinder(self, 0.02, rope, Vector3(0, -rope * 0.5, 0), metal)
	var radius := minf(_dice.between(0.16, 0.34), (high - rope) * 0.55)
	match _dice.whole(0, 3):
		0: Solids.sphere(self, radius, Vector3(0, -rope - radius * 0.8, 0), _surfaces.mover())
		1: Solids.box(self, Vector3(1.4, 1.0, 0.4) * radius, Vector3(0, -rope - radius * 0.4, 0), _surfaces.mover(), _dice.between(0.0, PI))
		2: Solids.torus(self, radius, radius * 0.3, Vector3(0, -rope - radius, 0), _surfaces.mover()).rotation.x = PI * 0.5
		3: Solids.cylinder(self, radius, radius * 1.2, Vector3(0, -rope - radius * 0.4, 0), _surfaces.mover(), radius * 0.4)
	var most := _dice.between(0.25, 0.8)
	# A pendulum of that length, up to a factor that nobody sees.
	var rate := sqrt(9.81 / (rope + radius)) * _dice.between(0.7, 1.0)
	var phase := _dice.between(0.0, TAU)
	return func(seconds: float) -> Transform3D:
		return Transform3D(_frame() * Basis(Vector3.BACK, most * sin(rate * seconds + phase)), _point(s, high))


## Goes round on a flat disc.
func _circle() -> Callable:
	var s := _dice.between(-0.25, 0.25) * _stage.length
	var low := _body(_dice.between(0.16, 0.26))
	var high := _dice.between(0.04, 0.5)
	Solids.cylinder(stand, 0.55, high, _point(s, high * 0.5), _surfaces.thing())
	var rate := _dice.side() * _dice.between(0.8, 2.5)
	var phase := _dice.between(0.0, TAU)
	return func(seconds: float) -> Transform3D:
		var turn := Basis(Vector3.UP, rate * seconds + phase)
		return Transform3D(turn, _point(s, high + low) + turn.z * 0.3)


## Goes up and down between two rails.
func _climb() -> Callable:
	var s := _dice.between(-0.3, 0.3) * _stage.length
	var high := minf(_dice.between(1.4, 2.6), _stage.headroom - 0.4)
	var rail := _surfaces.thing()
	for side: float in [-0.42, 0.42]:
		Solids.box(stand, Vector3(0.1, high + 0.2, 0.1), _point(s, (high + 0.2) * 0.5) + _stage.along() * side, rail, _stage.heading)
	Solids.box(self, Vector3(0.7, 0.08, 0.6), Vector3.ZERO, _surfaces.mover())
	Solids.box(self, Vector3(0.4, 0.35, 0.35), Vector3(0, 0.2, 0), _surfaces.mover())
	var rate := _dice.between(0.8, 2.2)
	var phase := _dice.between(0.0, TAU)
	return func(seconds: float) -> Transform3D:
		return Transform3D(_frame(), _point(s, 0.06 + (high - 0.5) * (0.5 - 0.5 * cos(rate * seconds + phase))))


## Rocks on a round base.
func _rock() -> Callable:
	var s := _dice.between(-0.3, 0.3) * _stage.length
	var radius := _dice.between(0.35, 0.6)
	Solids.cylinder(self, radius, 0.5, Vector3.ZERO, _surfaces.mover()).rotation.x = PI * 0.5
	Solids.box(self, Vector3(0.12, radius * 1.4, 0.3), Vector3(-radius * 0.3, radius * 1.3, 0), _surfaces.mover())
	Solids.sphere(self, radius * 0.4, Vector3(radius * 0.2, radius * 1.3, 0), _surfaces.mover())
	var most := _dice.between(0.15, 0.5)
	var rate := _dice.between(2.0, 4.5)
	return func(seconds: float) -> Transform3D:
		var lean := most * sin(rate * seconds)
		return Transform3D(_frame() * Basis(Vector3.BACK, -lean), _point(s + lean * radius, radius))


func _fly() -> Callable:
	_body(_dice.between(0.14, 0.28))
	var high := minf(_dice.between(1.1, 2.2), _stage.headroom - 0.6)
	var reach := _stage.length * _dice.between(0.1, 0.35)
	var rates := Vector3(_dice.between(0.6, 1.8), _dice.between(1.0, 3.0), _dice.between(0.5, 2.0))
	var phase := _dice.between(0.0, TAU)
	var axis := _dice.direction()
	return func(seconds: float) -> Transform3D:
		var at := _point(reach * sin(rates.x * seconds + phase), high + 0.25 * sin(rates.y * seconds))
		return Transform3D(_frame() * Basis(axis, rates.z * seconds), at)


## Is thrown straight up and caught again, turning.
func _toss() -> Callable:
	var s := _dice.between(-0.3, 0.3) * _stage.length
	var low := _body(_dice.between(0.16, 0.3)) * 1.6
	var height := minf(_dice.between(0.6, 1.8), _stage.headroom - low * 2.0 - 0.2)
	var hop := 2.0 * sqrt(2.0 * height / 9.81)
	var axis := _dice.direction()
	var phase := _dice.between(0.0, 1.0)
	var spin := _dice.between(-5.0, 5.0)
	return func(seconds: float) -> Transform3D:
		var h := fposmod(seconds / hop + phase, 1.0) * 2.0 - 1.0
		return Transform3D(Basis(axis, spin * seconds), _point(s, low + height * (1.0 - h * h)))
