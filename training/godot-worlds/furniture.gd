class_name Furniture
extends RefCounted
## Pieces for rooms, built at the origin with their backs to -Z.

const KINDS: Array[String] = ["table", "table", "chair", "chair", "shelf", "shelf", "sofa", "bed", "cabinet", "lamp", "plant", "pedestal", "crates", "screen", "stool", "desk", "barrel", "organ"]

var _dice: Dice
var _surfaces: Surfaces
## A few materials that pieces share, as rooms are furnished.
var _stuff: Array[StandardMaterial3D] = []


func _init(dice: Dice, surfaces: Surfaces) -> void:
	_dice = dice
	_surfaces = surfaces
	for i in 6:
		_stuff.append(surfaces.thing())


## A piece of a random kind.
func piece() -> Node3D:
	return make(_dice.pick(KINDS))


## A piece of one kind, named as the methods below.
func make(kind: String) -> Node3D:
	var made := Node3D.new()
	call("_" + kind, made)
	return made


func _any() -> StandardMaterial3D:
	return _dice.pick(_stuff)


func _legs(made: Node3D, size: Vector3, thick: float, material: Material) -> void:
	for x: float in [-1.0, 1.0]:
		for z: float in [-1.0, 1.0]:
			var at := Vector3(x * (size.x * 0.5 - thick), size.y * 0.5, z * (size.z * 0.5 - thick))
			Solids.box(made, Vector3(thick, size.y, thick), at, material)


func _table(made: Node3D) -> void:
	var height := _dice.between(0.4, 0.8)
	var wood := _any()
	if _dice.chance(0.4):
		var radius := _dice.between(0.35, 0.7)
		Solids.cylinder(made, radius, 0.06, Vector3(0, height, 0), wood)
		Solids.cylinder(made, 0.06, height, Vector3(0, height * 0.5, 0), _any())
		Solids.cylinder(made, radius * 0.5, 0.04, Vector3(0, 0.02, 0), wood)
		_clutter(made, Vector3(radius, height + 0.03, radius))
	else:
		var size := Vector3(_dice.between(0.8, 1.8), height, _dice.between(0.6, 0.9))
		Solids.box(made, Vector3(size.x, 0.06, size.z), Vector3(0, height, 0), wood)
		_legs(made, size, _dice.between(0.05, 0.1), _any())
		_clutter(made, Vector3(size.x, height + 0.03, size.z))


## Small things on a top of the given size and height.
func _clutter(made: Node3D, top: Vector3) -> void:
	for i in _dice.whole(0, 4):
		var at := Vector3(_dice.between(-0.35, 0.35) * top.x, top.y, _dice.between(-0.35, 0.35) * top.z)
		var size := _dice.between(0.06, 0.16)
		match _dice.whole(0, 4):
			0: Solids.box(made, Vector3(size * 2.0, size, size * 1.5), at + Vector3(0, size * 0.5, 0), _any(), _dice.between(0.0, PI))
			1: Solids.sphere(made, size, at + Vector3(0, size, 0), _any())
			2: Solids.cylinder(made, size * 0.5, size * 3.0, at + Vector3(0, size * 1.5, 0), _any(), size * _dice.between(0.2, 0.9))
			3: Solids.cylinder(made, size * 0.5, size, at + Vector3(0, size * 0.5, 0), _any(), size)
			4: Solids.torus(made, size, size * 0.35, at + Vector3(0, size * 0.35, 0), _any())


func _chair(made: Node3D) -> void:
	var size := Vector3(_dice.between(0.4, 0.55), _dice.between(0.4, 0.5), _dice.between(0.4, 0.5))
	var back := _dice.between(0.35, 0.7)
	var frame := _any()
	Solids.box(made, Vector3(size.x, 0.07, size.z), Vector3(0, size.y, 0), _any())
	_legs(made, size, 0.05, frame)
	if _dice.chance(0.5):
		Solids.box(made, Vector3(size.x, back, 0.05), Vector3(0, size.y + back * 0.5, 0.025 - size.z * 0.5), frame)
	else:
		for slat in 4:
			Solids.box(made, Vector3(0.05, back, 0.04), Vector3(size.x * (slat / 3.0 - 0.5) * 0.9, size.y + back * 0.5, 0.025 - size.z * 0.5), frame)
		Solids.box(made, Vector3(size.x, 0.1, 0.05), Vector3(0, size.y + back, 0.025 - size.z * 0.5), frame)


func _stool(made: Node3D) -> void:
	var height := _dice.between(0.35, 0.75)
	var radius := _dice.between(0.18, 0.3)
	Solids.cylinder(made, radius, 0.08, Vector3(0, height, 0), _any())
	for leg in 3:
		var turn := TAU * leg / 3.0
		Solids.cylinder(made, 0.03, height, Vector3(cos(turn), 0, sin(turn)) * radius * 0.7 + Vector3(0, height * 0.5, 0), _any())


func _shelf(made: Node3D) -> void:
	var size := Vector3(_dice.between(0.7, 1.8), _dice.between(1.0, 2.2), 0.34)
	var wood := _any()
	var boards := _dice.whole(3, 6)
	Solids.box(made, Vector3(size.x, size.y, 0.03), Vector3(0, size.y * 0.5, -size.z * 0.5), wood)
	for x: float in [-0.5, 0.5]:
		Solids.box(made, Vector3(0.05, size.y, size.z), Vector3(x * size.x, size.y * 0.5, 0), wood)
	for board in boards + 1:
		Solids.box(made, Vector3(size.x, 0.04, size.z), Vector3(0, 0.02 + (size.y - 0.04) * board / boards, 0), wood)
	for board in boards:
		var y := 0.04 + (size.y - 0.04) * board / boards
		var tall := (size.y - 0.04) / boards - 0.06
		var x := -size.x * 0.5 + 0.08
		while x < size.x * 0.5 - 0.15:
			var wide := _dice.between(0.06, 0.2)
			var high := tall * _dice.between(0.5, 0.95)
			if _dice.chance(0.8):
				Solids.box(made, Vector3(wide * 0.95, high, 0.22), Vector3(x + wide * 0.5, y + high * 0.5, 0.02), _any())
			x += wide


func _sofa(made: Node3D) -> void:
	var wide := _dice.between(1.0, 2.1)
	var cloth := _any()
	var seat := _dice.between(0.35, 0.45)
	Solids.box(made, Vector3(wide, seat, 0.8), Vector3(0, seat * 0.5, 0), cloth)
	Solids.box(made, Vector3(wide, _dice.between(0.6, 0.9), 0.2), Vector3(0, 0.4, -0.4), cloth)
	for x: float in [-0.5, 0.5]:
		Solids.box(made, Vector3(0.2, seat + 0.2, 0.9), Vector3(x * (wide + 0.2), (seat + 0.2) * 0.5, 0), cloth)
	for i in _dice.whole(0, 3):
		var cushion := Solids.box(made, Vector3(0.4, 0.4, 0.14), Vector3(_dice.between(-0.4, 0.4) * wide, seat + 0.2, -0.2), _any(), _dice.between(-0.3, 0.3))
		cushion.rotation.x = -0.3


func _bed(made: Node3D) -> void:
	var size := Vector3(_dice.between(0.9, 1.6), _dice.between(0.3, 0.5), 2.0)
	Solids.box(made, Vector3(size.x + 0.1, size.y * 0.6, size.z), Vector3(0, size.y * 0.35, 0), _any())
	Solids.box(made, Vector3(size.x, 0.2, size.z * 0.96), Vector3(0, size.y * 0.7, 0), _any())
	Solids.box(made, Vector3(size.x * 1.03, 0.06, size.z * 0.6), Vector3(0, size.y * 0.7 + 0.12, 0.35), _any())
	Solids.box(made, Vector3(size.x + 0.1, _dice.between(0.6, 1.1), 0.08), Vector3(0, 0.4, -size.z * 0.5), _any())
	Solids.box(made, Vector3(size.x * 0.7, 0.14, 0.35), Vector3(0, size.y * 0.7 + 0.15, -0.7), _any())


func _cabinet(made: Node3D) -> void:
	var size := Vector3(_dice.between(0.6, 1.6), _dice.between(0.6, 2.0), _dice.between(0.4, 0.6))
	Solids.box(made, size, Vector3(0, size.y * 0.5, 0), _any())
	var columns := _dice.whole(1, 3)
	var rows := _dice.whole(1, 4)
	var front := _any()
	var knob := _any()
	for column in columns:
		for row in rows:
			var face := Vector3(size.x / columns, size.y / rows, 0.04)
			var at := Vector3((column + 0.5) * face.x - size.x * 0.5, (row + 0.5) * face.y, size.z * 0.5)
			Solids.box(made, face - Vector3(0.06, 0.06, 0), at, front)
			Solids.sphere(made, 0.03, at + Vector3(0, 0, 0.04), knob)
	_clutter(made, size)


func _desk(made: Node3D) -> void:
	var wide := _dice.between(1.1, 1.7)
	Solids.box(made, Vector3(wide, 0.05, 0.7), Vector3(0, 0.75, 0), _any())
	Solids.box(made, Vector3(0.4, 0.72, 0.6), Vector3(wide * 0.5 - 0.22, 0.36, 0), _any())
	Solids.box(made, Vector3(0.06, 0.72, 0.6), Vector3(0.05 - wide * 0.5, 0.36, 0), _any())
	Solids.box(made, Vector3(0.6, 0.38, 0.04), Vector3(0, 1.05, -0.2), _any())
	Solids.box(made, Vector3(0.06, 0.2, 0.06), Vector3(0, 0.85, -0.2), _any())
	_clutter(made, Vector3(wide, 0.78, 0.5))


func _lamp(made: Node3D) -> void:
	var height := _dice.between(1.2, 1.8)
	Solids.cylinder(made, 0.18, 0.05, Vector3(0, 0.025, 0), _any())
	Solids.cylinder(made, 0.025, height, Vector3(0, height * 0.5, 0), _any())
	Solids.cylinder(made, _dice.between(0.2, 0.32), 0.35, Vector3(0, height, 0), _any(), _dice.between(0.08, 0.25))


func _plant(made: Node3D) -> void:
	var pot := _dice.between(0.14, 0.28)
	var leaf := _surfaces.foliage()
	Solids.cylinder(made, pot * 0.75, pot * 1.8, Vector3(0, pot * 0.9, 0), _any(), pot)
	for i in _dice.whole(4, 9):
		var stalk := Solids.sphere(made, _dice.between(0.05, 0.1), Vector3.ZERO, leaf, _dice.between(0.5, 1.1))
		var lean := Basis(Vector3.UP, _dice.between(0.0, TAU)) * Basis(Vector3.RIGHT, _dice.between(0.1, 0.7))
		stalk.transform = Transform3D(lean, Vector3(0, pot * 1.7, 0) + lean.y * 0.35)


func _pedestal(made: Node3D) -> void:
	var height := _dice.between(0.4, 1.2)
	var wide := _dice.between(0.3, 0.6)
	var stone := _any()
	Solids.box(made, Vector3(wide, height, wide), Vector3(0, height * 0.5, 0), stone)
	Solids.box(made, Vector3(wide + 0.1, 0.08, wide + 0.1), Vector3(0, 0.04, 0), stone)
	Solids.box(made, Vector3(wide + 0.1, 0.06, wide + 0.1), Vector3(0, height, 0), stone)
	var size := wide * 0.45
	match _dice.whole(0, 3):
		0: Solids.sphere(made, size, Vector3(0, height + size, 0), _any())
		1: Solids.torus(made, size, size * 0.4, Vector3(0, height + size * 1.4, 0), _any()).rotation = Vector3(PI * 0.5, _dice.between(0.0, PI), 0)
		2: Solids.cylinder(made, size * 0.5, size * 3.0, Vector3(0, height + size * 1.5, 0), _any(), size)
		3: Solids.prism(made, Vector3(size, size * 2.0, size) * 1.3, Vector3(0, height + size * 1.3, 0), _any(), _dice.between(0.0, PI))


func _crates(made: Node3D) -> void:
	var wood := _any()
	var base := _dice.between(0.4, 0.8)
	var y := 0.0
	for i in _dice.whole(1, 3):
		Solids.box(made, Vector3.ONE * base, Vector3(_dice.between(-0.06, 0.06), y + base * 0.5, _dice.between(-0.06, 0.06)), wood, _dice.between(-0.4, 0.4))
		y += base
		base *= _dice.between(0.6, 0.95)


func _barrel(made: Node3D) -> void:
	var radius := _dice.between(0.2, 0.38)
	var height := radius * _dice.between(2.0, 3.2)
	var hoop := _any()
	Solids.cylinder(made, radius, height, Vector3(0, height * 0.5, 0), _any())
	for share: float in [0.15, 0.5, 0.85]:
		Solids.torus(made, radius, 0.03, Vector3(0, height * share, 0), hoop)


func _screen(made: Node3D) -> void:
	var height := _dice.between(1.1, 1.9)
	var wide := _dice.between(0.4, 0.6)
	var face := _any()
	for panel in 3:
		var turn := 0.5 if panel % 2 else -0.5
		Solids.box(made, Vector3(wide, height, 0.05), Vector3((panel - 1) * wide * cos(0.5), height * 0.5, 0), face, turn)


## A row of pipes.
func _organ(made: Node3D) -> void:
	var radius := _dice.between(0.06, 0.12)
	var metal := _any()
	Solids.box(made, Vector3(radius * 16.0, 0.4, 0.4), Vector3(0, 0.2, 0), _any())
	for pipe in 7:
		var height := _dice.between(0.5, 1.5)
		Solids.cylinder(made, radius, height, Vector3((pipe - 3) * radius * 2.15, 0.4 + height * 0.5, 0), metal)
