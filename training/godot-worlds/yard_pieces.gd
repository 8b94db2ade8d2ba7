class_name YardPieces
extends RefCounted
## Pieces for outdoor places, built at the origin.

var _dice: Dice
var _surfaces: Surfaces
var _stuff: Array[StandardMaterial3D] = []
var _leaves: Array[StandardMaterial3D] = []
var _walls: Array[StandardMaterial3D] = []


func _init(dice: Dice, surfaces: Surfaces) -> void:
	_dice = dice
	_surfaces = surfaces
	for i in 5:
		_stuff.append(surfaces.thing())
	for i in 2:
		_leaves.append(surfaces.foliage())
	for i in 3:
		_walls.append(surfaces.wall())


## A piece of one kind, named as the methods below.
func make(kind: String) -> Node3D:
	var made := Node3D.new()
	call("_" + kind, made)
	return made


## A house that looks to +Z.
func house() -> Node3D:
	var made := Node3D.new()
	var size := Vector3(_dice.between(3.0, 6.5), _dice.between(2.6, 6.0), _dice.between(3.0, 5.0))
	Solids.box(made, size, Vector3(0, size.y * 0.5, 0), _dice.pick(_walls))
	var front := size.z * 0.5
	if _dice.chance(0.65):
		Solids.prism(made, Vector3(size.x + 0.5, _dice.between(0.9, 2.2), size.z + 0.4), Vector3(0, size.y + 0.5, 0), _any())
	else:
		Solids.box(made, Vector3(size.x + 0.3, 0.25, size.z + 0.3), Vector3(0, size.y, 0), _any())
	var pane := _any()
	var trim := _any()
	var columns := maxi(2, int(size.x / _dice.between(1.2, 1.8)))
	var storeys := maxi(1, int(size.y / 2.4))
	var door := _dice.whole(0, columns - 1)
	for storey in storeys:
		for column in columns:
			var x := size.x * ((column + 0.5) / columns - 0.5)
			if storey == 0 and column == door:
				Solids.box(made, Vector3(1.0, 2.0, 0.1), Vector3(x, 1.0, front), pane)
				Solids.box(made, Vector3(1.3, 0.15, 0.5), Vector3(x, 2.15, front + 0.1), trim)
				Solids.box(made, Vector3(1.4, 0.15, 0.6), Vector3(x, 0.07, front + 0.2), trim)
			else:
				var y := 1.45 + storey * (size.y / storeys)
				Solids.box(made, Vector3(0.95, 1.25, 0.08), Vector3(x, y, front), trim)
				Solids.box(made, Vector3(0.75, 1.05, 0.12), Vector3(x, y, front), pane)
	return made


func _any() -> StandardMaterial3D:
	return _dice.pick(_stuff)


func _tree(made: Node3D) -> void:
	var height := _dice.between(0.9, 2.2)
	var leaf: Material = _dice.pick(_leaves)
	Solids.cylinder(made, _dice.between(0.07, 0.16), height, Vector3(0, height * 0.5, 0), _any(), 0.06)
	for i in _dice.whole(2, 6):
		var radius := _dice.between(0.3, 0.7)
		var off := _dice.direction() * 0.45
		Solids.sphere(made, radius, Vector3(off.x, height + 0.25 + off.y * 0.8, off.z), leaf, radius * _dice.between(1.3, 2.1))


func _fir(made: Node3D) -> void:
	var leaf: Material = _dice.pick(_leaves)
	var radius := _dice.between(0.6, 1.2)
	var y := 0.5
	Solids.cylinder(made, 0.12, 0.8, Vector3(0, 0.4, 0), _any())
	for tier in _dice.whole(2, 4):
		var height := radius * 1.5
		Solids.cylinder(made, radius, height, Vector3(0, y + height * 0.5, 0), leaf, 0.0)
		y += height * 0.55
		radius *= 0.75


func _bush(made: Node3D) -> void:
	var leaf: Material = _dice.pick(_leaves)
	for i in _dice.whole(2, 5):
		var radius := _dice.between(0.2, 0.5)
		Solids.sphere(made, radius, Vector3(_dice.between(-0.4, 0.4), radius * 0.6, _dice.between(-0.4, 0.4)), leaf, radius * _dice.between(1.4, 2.0))


func _rock(made: Node3D) -> void:
	var stone := _any()
	for i in _dice.whole(1, 3):
		var radius := _dice.between(0.15, 0.6)
		var rock := Solids.sphere(made, radius, Vector3(_dice.between(-0.4, 0.4), radius * 0.25, _dice.between(-0.4, 0.4)), stone, radius * _dice.between(1.0, 1.6))
		rock.rotation = Vector3(_dice.between(-0.4, 0.4), _dice.between(0.0, TAU), _dice.between(-0.4, 0.4))


func _planter(made: Node3D) -> void:
	var size := Vector3(_dice.between(0.6, 1.6), _dice.between(0.3, 0.6), _dice.between(0.4, 0.7))
	Solids.box(made, size, Vector3(0, size.y * 0.5, 0), _any())
	var leaf: Material = _dice.pick(_leaves)
	for i in int(size.x / 0.3):
		Solids.sphere(made, _dice.between(0.14, 0.26), Vector3((i + 0.5) * 0.3 - size.x * 0.5, size.y + 0.1, 0), leaf, _dice.between(0.3, 0.7))


func _bench(made: Node3D) -> void:
	var wide := _dice.between(1.2, 2.0)
	var wood := _any()
	Solids.box(made, Vector3(wide, 0.08, 0.45), Vector3(0, 0.44, 0), wood)
	if _dice.chance(0.6):
		Solids.box(made, Vector3(wide, 0.35, 0.07), Vector3(0, 0.75, -0.22), wood)
	var stone := _any()
	for x: float in [-0.4, 0.4]:
		Solids.box(made, Vector3(0.12, 0.42, 0.42), Vector3(x * wide, 0.21, 0), stone)


func _fence(made: Node3D) -> void:
	var wood := _any()
	var posts := _dice.whole(4, 9)
	var gap := _dice.between(0.2, 0.5)
	var height := _dice.between(0.6, 1.1)
	for post in posts:
		Solids.box(made, Vector3(0.1, height, 0.06), Vector3((post - (posts - 1) * 0.5) * gap, height * 0.5, 0), wood)
	for y: float in [0.3, 0.75]:
		Solids.box(made, Vector3(posts * gap, 0.08, 0.04), Vector3(0, height * y, -0.04), wood)


func _arch(made: Node3D) -> void:
	var half := _dice.between(0.7, 1.1)
	var height := _dice.between(1.6, 2.4)
	var stone := _any()
	for x: float in [-1.0, 1.0]:
		Solids.box(made, Vector3(0.36, height, 0.36), Vector3(x * half, height * 0.5, 0), stone)
	for block in 7:
		var turn := PI * (block + 0.5) / 7.0
		var stone_block := Solids.box(made, Vector3(0.36, PI * half / 7.0 * 1.12, 0.36), Vector3(cos(turn) * half, height + sin(turn) * half, 0), stone)
		stone_block.rotation.z = turn


func _post(made: Node3D) -> void:
	var height := _dice.between(1.8, 3.4)
	var metal := _any()
	Solids.cylinder(made, 0.14, 0.3, Vector3(0, 0.15, 0), metal, 0.1)
	Solids.cylinder(made, 0.05, height, Vector3(0, height * 0.5, 0), metal)
	if _dice.chance(0.5):
		Solids.sphere(made, 0.2, Vector3(0, height + 0.12, 0), _any())
	else:
		Solids.box(made, Vector3(0.26, 0.36, 0.26), Vector3(0, height + 0.16, 0), _any())
		Solids.cylinder(made, 0.24, 0.2, Vector3(0, height + 0.44, 0), metal, 0.0)


func _sign(made: Node3D) -> void:
	var height := _dice.between(0.9, 2.0)
	Solids.cylinder(made, 0.04, height, Vector3(0, height * 0.5, 0), _any())
	if _dice.chance(0.5):
		Solids.box(made, Vector3(_dice.between(0.4, 1.1), _dice.between(0.3, 0.7), 0.05), Vector3(0, height, 0.04), _surfaces.mover())
	else:
		Solids.cylinder(made, _dice.between(0.2, 0.4), 0.05, Vector3(0, height, 0.05), _surfaces.mover()).rotation.x = PI * 0.5


func _cones(made: Node3D) -> void:
	var paint := _any()
	for i in _dice.whole(1, 4):
		var height := _dice.between(0.35, 0.7)
		var at := Vector3(i * 0.6, 0, _dice.between(-0.2, 0.2))
		Solids.cylinder(made, height * 0.3, height, at + Vector3(0, height * 0.5, 0), paint, 0.03)
		Solids.box(made, Vector3(height * 0.8, 0.05, height * 0.8), at + Vector3(0, 0.025, 0), paint)


func _steps(made: Node3D) -> void:
	var stone := _any()
	var wide := _dice.between(1.0, 2.2)
	var count := _dice.whole(3, 6)
	for step in count:
		Solids.box(made, Vector3(wide, 0.18 * (step + 1), 0.32), Vector3(0, 0.09 * (step + 1), -0.32 * step), stone)
	Solids.box(made, Vector3(wide, 0.18 * count, 1.2), Vector3(0, 0.09 * count, -0.32 * count - 0.44), stone)


func _column(made: Node3D) -> void:
	var stone := _any()
	var radius := _dice.between(0.18, 0.34)
	var height := _dice.between(0.5, 3.4)
	Solids.box(made, Vector3(radius * 2.8, 0.22, radius * 2.8), Vector3(0, 0.11, 0), stone)
	Solids.cylinder(made, radius, height, Vector3(0, 0.2 + height * 0.5, 0), stone, radius * 0.88)
	if _dice.chance(0.4):
		var fallen := Solids.cylinder(made, radius, 1.2, Vector3(radius * 2.6, radius, 0.3), stone)
		fallen.rotation = Vector3(PI * 0.5, _dice.between(-0.5, 0.5), 0)


func _pipes(made: Node3D) -> void:
	var metal := _any()
	var radius := _dice.between(0.12, 0.25)
	var length := _dice.between(1.2, 2.6)
	for row in 3:
		for pipe in 3 - row:
			var at := Vector3((pipe + row * 0.5 - 1.0) * radius * 2.05, radius + row * radius * 1.75, 0)
			Solids.cylinder(made, radius, length, at, metal).rotation.x = PI * 0.5
