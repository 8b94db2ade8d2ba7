class_name Rooms
extends RefCounted
## Builds indoor places: walls with windows and doors, ceilings, columns, platforms with steps, furniture.

const THICK := 0.2

var _dice: Dice
var _surfaces: Surfaces
var _furniture: Furniture
var _place: Place
## Width, height and depth inside.
var _size := Vector3.ZERO


func _init(dice: Dice, surfaces: Surfaces) -> void:
	_dice = dice
	_surfaces = surfaces
	_furniture = Furniture.new(dice, surfaces)


## Builds a room around a stage at the origin.
func build() -> Place:
	_place = Place.new()
	_place.roofed = _dice.chance(0.65)
	var long := _dice.chance(0.3)
	_size = Vector3(_dice.between(9.0, 13.0) if long else _dice.between(5.8, 8.5), _dice.between(2.6, 4.4), _dice.between(5.6, 7.6))
	_place.room = AABB(Vector3(-0.5 * _size.x + 0.35, 0.3, -0.5 * _size.z + 0.35), Vector3(_size.x - 0.7, _size.y - 0.6, _size.z - 0.7))
	_set_stage()
	_shell()
	if _dice.chance(0.4):
		_columns()
	if _dice.chance(0.35):
		_platform()
	if _dice.chance(0.5):
		Solids.box(_place, Vector3(_dice.between(2.0, 4.0), 0.03, _dice.between(1.5, 3.0)), Vector3(_dice.between(-1.0, 1.0), 0.015, _dice.between(-1.0, 1.0)), _surfaces.thing(), _dice.pick([0.0, 0.0, PI * 0.25]))
	_furnish()
	return _place


func _set_stage() -> void:
	var stage := _place.stage
	stage.centre = Vector3(_dice.between(-0.1, 0.1) * _size.x, 0, _dice.between(-0.08, 0.08) * _size.z)
	stage.heading = _dice.pick([0.0, 0.0, PI, PI * 0.5, -PI * 0.5]) + _dice.between(-0.2, 0.2)
	var turned := absf(sin(stage.heading)) > 0.7
	stage.length = minf((_size.z if turned else _size.x) - 2.4, 6.0)
	stage.width = clampf((_size.x if turned else _size.z) - 2.8, World.LANE * 3.0, World.LANE * 4.0)
	stage.headroom = _size.y - 0.2


func _shell() -> void:
	var half := _size * 0.5
	Solids.box(_place, Vector3(_size.x + 1.0, 0.3, _size.z + 1.0), Vector3(0, -0.15, 0), _surfaces.ground())
	# What windows show.
	Solids.box(_place, Vector3(90, 0.2, 90), Vector3(0, -1.2, 0), _surfaces.ground())
	if _place.roofed:
		Solids.box(_place, Vector3(_size.x + 0.4, 0.2, _size.z + 0.4), Vector3(0, _size.y + 0.1, 0), _surfaces.wall())
		if _dice.chance(0.4):
			_beams()
	var first := _surfaces.wall()
	var second := _surfaces.wall() if _dice.chance(0.6) else first
	var trim := _surfaces.thing()
	var dado := _surfaces.wall() if _dice.chance(0.4) else null
	var dado_height := _dice.between(0.7, 1.3)
	for side in 4:
		var along_x := side < 2
		var end := 1.0 if side % 2 else -1.0
		var wall := Node3D.new()
		# Each wall is built along its own X, its inner face at z = 0 and looking to +Z.
		wall.position = Vector3(0, 0, end * half.z) if along_x else Vector3(end * half.x, 0, 0)
		wall.rotation.y = (PI if end > 0.0 else 0.0) if along_x else (-PI * 0.5 if end > 0.0 else PI * 0.5)
		_place.add_child(wall)
		_wall(wall, _size.x if along_x else _size.z, first if along_x else second, trim, dado, dado_height)


## One wall with what is set into it and hangs on it.
func _wall(wall: Node3D, length: float, face: Material, trim: Material, dado: Material, dado_height: float) -> void:
	var openings: Array[Rect2] = []
	var kind := _dice.whole(0, 3)
	if kind == 1:
		var count := maxi(1, int(length / _dice.between(2.2, 4.0)))
		var sill := _dice.between(0.7, 1.2)
		var size := Vector2(_dice.between(0.8, 1.4), minf(_size.y - sill - 0.4, _dice.between(0.9, 1.8)))
		for i in count:
			openings.append(Rect2(length * ((i + 0.5) / count - 0.5) - size.x * 0.5, sill, size.x, size.y))
	elif kind == 2:
		openings.append(Rect2(_dice.between(-0.3, 0.3) * length - 0.5, 0.0, _dice.between(0.9, 1.6), 2.1))
	var from := -length * 0.5 - THICK
	for opening in openings:
		_panel(wall, from, opening.position.x, 0.0, _size.y, face)
		_panel(wall, opening.position.x, opening.end.x, 0.0, opening.position.y, face)
		_panel(wall, opening.position.x, opening.end.x, opening.end.y, _size.y, face)
		_frame(wall, opening, trim)
		from = opening.end.x
	_panel(wall, from, length * 0.5 + THICK, 0.0, _size.y, face)
	if openings.is_empty():
		Solids.box(wall, Vector3(length, 0.12, 0.04), Vector3(0, 0.06, 0.02), trim)
		if dado:
			Solids.box(wall, Vector3(length, dado_height, 0.03), Vector3(0, dado_height * 0.5, 0.015), dado)
			Solids.box(wall, Vector3(length, 0.06, 0.06), Vector3(0, dado_height, 0.03), trim)
		for i in _dice.whole(0, 4):
			_hanging(wall, length)


func _panel(wall: Node3D, from: float, to: float, bottom: float, top: float, face: Material) -> void:
	if to - from > 0.01 and top - bottom > 0.01:
		Solids.box(wall, Vector3(to - from, top - bottom, THICK), Vector3((from + to) * 0.5, (bottom + top) * 0.5, -THICK * 0.5), face)


func _frame(wall: Node3D, opening: Rect2, trim: Material) -> void:
	var middle := opening.get_center()
	for x: float in [opening.position.x, opening.end.x]:
		Solids.box(wall, Vector3(0.08, opening.size.y, THICK + 0.06), Vector3(x, middle.y, -THICK * 0.5), trim)
	Solids.box(wall, Vector3(opening.size.x + 0.16, 0.08, THICK + 0.1), Vector3(middle.x, opening.end.y, -THICK * 0.5), trim)
	if opening.position.y > 0.0:
		Solids.box(wall, Vector3(opening.size.x + 0.2, 0.06, THICK + 0.2), Vector3(middle.x, opening.position.y, -THICK * 0.5), trim)
		Solids.box(wall, Vector3(0.05, opening.size.y, 0.05), Vector3(middle.x, middle.y, -THICK * 0.5), trim)
		Solids.box(wall, Vector3(opening.size.x, 0.05, 0.05), Vector3(middle.x, middle.y, -THICK * 0.5), trim)


## A picture, a clock or a board.
func _hanging(wall: Node3D, length: float) -> void:
	var at := Vector3(_dice.between(-0.45, 0.45) * length, _dice.between(1.3, minf(2.2, _size.y - 0.5)), 0.03)
	if _dice.chance(0.25):
		var disc := Solids.cylinder(wall, _dice.between(0.15, 0.35), 0.06, at, _surfaces.thing())
		disc.rotation.x = PI * 0.5
		return
	var size := Vector2(_dice.between(0.3, 1.3), _dice.between(0.3, 0.9))
	Solids.box(wall, Vector3(size.x + 0.1, size.y + 0.1, 0.05), at, _surfaces.thing())
	Solids.box(wall, Vector3(size.x, size.y, 0.05), at + Vector3(0, 0, 0.01), _surfaces.thing())


func _beams() -> void:
	var wood := _surfaces.thing()
	var count := int(_size.x / _dice.between(1.0, 2.0))
	var size := Vector2(_dice.between(0.1, 0.25), _dice.between(0.12, 0.3))
	for i in count:
		Solids.box(_place, Vector3(size.x, size.y, _size.z), Vector3(_size.x * ((i + 0.5) / count - 0.5), _size.y - size.y * 0.5, 0), wood)


func _columns() -> void:
	var stone := _surfaces.thing()
	var foot := _surfaces.thing()
	var radius := _dice.between(0.1, 0.25)
	var rounded := _dice.chance(0.6)
	var off := _place.stage.width * 0.5 + radius + 0.35
	for i in _dice.whole(2, 4):
		for side: float in [-1.0, 1.0]:
			var column := Node3D.new()
			if rounded:
				Solids.cylinder(column, radius, _size.y, Vector3(0, _size.y * 0.5, 0), stone, radius * _dice.between(0.8, 1.0))
			else:
				Solids.box(column, Vector3(radius * 1.8, _size.y, radius * 1.8), Vector3(0, _size.y * 0.5, 0), stone)
			for y: float in [0.1, _size.y - 0.1]:
				Solids.box(column, Vector3(radius * 2.6, 0.2, radius * 2.6), Vector3(0, y, 0), foot)
			_place.put(column, _place.stage.point((i - 1.2) * 1.9, side * off), 0.0)


## A raised floor along one end, with steps up to it.
func _platform() -> void:
	var face := _surfaces.ground()
	var steps := _dice.whole(1, 4)
	var height := 0.16 * (steps + 1)
	var depth := _dice.between(1.0, 1.8)
	var side := _dice.side()
	var platform := Node3D.new()
	Solids.box(platform, Vector3(depth, height, _size.z - 0.1), Vector3(0, height * 0.5, 0), face)
	var wide := _dice.between(1.0, 2.5)
	var shift := _dice.between(-0.25, 0.25) * _size.z
	for step in steps:
		Solids.box(platform, Vector3(0.28, 0.16 * (step + 1), wide), Vector3(-side * (depth * 0.5 + 0.14 + 0.28 * (steps - 1 - step)), 0.08 * (step + 1), shift), face)
	platform.position = Vector3(side * (_size.x - depth) * 0.5, 0, 0)
	if _place.stage.distance(Vector3(side * (_size.x * 0.5 - depth - 0.28 * steps), 0, shift)) < 0.2:
		platform.free()
		return
	_place.add_child(platform)


func _furnish() -> void:
	var half := _size * 0.5
	for i in _dice.whole(25, 60):
		var piece := _furniture.piece()
		var depth := Solids.bounds(piece).size.z * 0.5 + 0.08
		var turn := 0.0
		var at := Vector3.ZERO
		match _dice.whole(0, 5):
			0:
				at = Vector3(_dice.between(-0.45, 0.45) * _size.x, 0, depth - half.z)
			1:
				at = Vector3(_dice.between(-0.45, 0.45) * _size.x, 0, half.z - depth)
				turn = PI
			2:
				at = Vector3(depth - half.x, 0, _dice.between(-0.45, 0.45) * _size.z)
				turn = PI * 0.5
			3:
				at = Vector3(half.x - depth, 0, _dice.between(-0.45, 0.45) * _size.z)
				turn = -PI * 0.5
			_:
				at = Vector3(_dice.between(-0.4, 0.4) * _size.x, 0, _dice.between(-0.4, 0.4) * _size.z)
				turn = _dice.between(0.0, TAU)
		if absf(at.x) < half.x - 0.35 and absf(at.z) < half.z - 0.35:
			_place.put(piece, at, turn, 0.75)
		else:
			piece.free()
	for x: float in [-0.28, 0.0, 0.28]:
		_place.lamp_spots.append(Vector3(x * _size.x, _size.y - 0.75, _dice.between(-0.2, 0.2) * _size.z))
