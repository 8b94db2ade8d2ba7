class_name Outdoors
extends RefCounted
## Builds outdoor places: a street, a garden, a square, a playground of blocks, ruins, a yard of goods.

const KINDS: Array[String] = ["street", "garden", "square", "blocks", "ruins", "yard"]

var _dice: Dice
var _surfaces: Surfaces
var _furniture: Furniture
var _pieces: YardPieces
var _place: Place


func _init(dice: Dice, surfaces: Surfaces) -> void:
	_dice = dice
	_surfaces = surfaces
	_furniture = Furniture.new(dice, surfaces)
	_pieces = YardPieces.new(dice, surfaces)


## Builds a place of a random kind around a stage at the origin.
func build() -> Place:
	_place = Place.new()
	_place.room = AABB(Vector3(-12, 0.3, -12), Vector3(24, 7, 24))
	var stage := _place.stage
	stage.heading = _dice.between(-PI, PI)
	stage.length = _dice.between(5.0, 7.5)
	stage.width = World.LANE * _dice.whole(3, 5)
	stage.headroom = 4.0
	call("_" + (_dice.pick(KINDS) as String))
	if _dice.chance(0.7):
		_backdrop()
	for i in 4:
		_place.lamp_spots.append(stage.point(_dice.between(-0.6, 0.6) * stage.length, _dice.side() * (stage.width * 0.5 + 0.8)) + Vector3(0, _dice.between(2.4, 3.6), 0))
	return _place


func _floor(material: Material, width := 110.0) -> void:
	Solids.box(_place, Vector3(width, 0.4, width), Vector3(0, -0.2, 0), material)


## Scatters pieces at `nearest`..`farthest` metres from the stage.
func _scatter(count: int, nearest: float, farthest: float, kinds: Array) -> void:
	for i in count:
		var kind: String = _dice.pick(kinds)
		var piece := _furniture.make(kind.trim_prefix("in:")) if kind.begins_with("in:") else _pieces.make(kind)
		var off := _dice.between(nearest, farthest)
		var half := Vector2(_place.stage.length, _place.stage.width) * 0.5 + Vector2(off, off)
		var at := _place.stage.point(half.x * _dice.side(), half.y * _dice.between(-1.0, 1.0))
		if _dice.chance(0.6):
			at = _place.stage.point(half.x * _dice.between(-1.0, 1.0), half.y * _dice.side())
		_place.put(piece, at, _dice.between(0.0, TAU), 0.8)


func _street() -> void:
	var walk := _surfaces.ground()
	_floor(_surfaces.ground())
	var heading := _dice.between(0.0, PI)
	_place.stage.heading = heading + _dice.between(-0.3, 0.3)
	var street := Node3D.new()
	street.rotation.y = heading
	_place.add_child(street)
	var wide := _dice.between(4.0, 5.5)
	var rows: Array = [-1.0, 1.0] if _dice.chance(0.6) else [_dice.side()]
	for side: float in rows:
		Solids.box(street, Vector3(60, 0.14, 3.0), Vector3(0, 0.07, side * (wide + 1.2)), walk)
		var x := -24.0
		while x < 24.0:
			var house := _pieces.house()
			var size := Solids.bounds(house).size
			house.position = Vector3(x + size.x * 0.5, 0, side * (wide + 2.0 + size.z * 0.5))
			house.rotation.y = 0.0 if side < 0.0 else PI
			street.add_child(house)
			x += size.x + (_dice.between(0.5, 2.0) if _dice.chance(0.2) else -0.3)
	_scatter(26, 0.3, 4.0, ["post", "bench", "tree", "in:crates", "in:barrel", "planter", "sign", "cones"])
	_scatter(8, 6.0, 16.0, ["tree", "post", "planter"])


func _garden() -> void:
	_floor(_surfaces.foliage() if _dice.chance(0.6) else _surfaces.ground())
	var slab := _surfaces.ground()
	for i in _dice.pick([0, 0, 9, 12]):
		Solids.box(_place, Vector3(0.7, 0.06, 0.5), _place.stage.point(i * 0.9 - 4.0, sin(i * 1.3) * 0.4), slab, _dice.between(-0.3, 0.3))
	_scatter(34, 0.3, 4.5, ["tree", "tree", "rock", "rock", "planter", "bush", "bush", "bench", "fence", "arch", "post"])
	_scatter(26, 5.0, 18.0, ["tree", "tree", "fir", "fir", "bush", "rock"])


## Something large far off, so that the horizon is seldom bare.
func _backdrop() -> void:
	match _dice.whole(0, 2):
		0: _hills()
		1: _scatter(40, 13.0, 24.0, ["fir", "fir", "tree"])
		2:
			for i in _dice.whole(8, 20):
				var house := _pieces.house()
				var turn := _dice.between(0.0, TAU)
				var at := Vector3(cos(turn), 0, sin(turn)) * _dice.between(20.0, 30.0)
				_place.put(house, at, turn + PI * 0.5, 0.7)


func _hills() -> void:
	var green := _surfaces.foliage()
	for i in _dice.whole(4, 9):
		var turn := _dice.between(0.0, TAU)
		var radius := _dice.between(5.0, 12.0)
		Solids.sphere(_place, radius, Vector3(cos(turn), 0, sin(turn)) * (19.0 + radius) + Vector3(0, -0.3 * radius, 0), green, radius * _dice.between(0.9, 1.6))


func _square() -> void:
	_floor(_surfaces.ground())
	if _dice.chance(0.5):
		Solids.cylinder(_place, _dice.between(3.5, 6.0), 0.04, Vector3(0, 0.01, 0), _surfaces.ground())
	_enclose(_dice.between(8.0, 12.0), 3)
	if _dice.chance(0.6):
		_colonnade(_dice.between(5.0, 7.0))
	_scatter(26, 0.3, 4.5, ["planter", "bench", "in:pedestal", "in:pedestal", "post", "steps", "arch", "sign", "tree"])


## Walls or houses around the place, each side with a chance.
func _enclose(off: float, sides: int) -> void:
	var turn := _dice.between(0.0, TAU)
	for side in sides:
		var row := Node3D.new()
		row.rotation.y = turn + PI * 0.5 * side
		_place.add_child(row)
		if _dice.chance(0.4):
			var face := _surfaces.wall()
			var height := _dice.between(1.6, 4.0)
			Solids.box(row, Vector3(off * 2.4, height, 0.4), Vector3(0, height * 0.5, -off), face)
			Solids.box(row, Vector3(off * 2.4, 0.15, 0.6), Vector3(0, height, -off), _surfaces.thing())
			continue
		var x := -off * 1.1
		while x < off * 1.1:
			var house := _pieces.house()
			var size := Solids.bounds(house).size
			house.position = Vector3(x + size.x * 0.5, 0, -off - size.z * 0.5)
			row.add_child(house)
			x += size.x


func _colonnade(off: float) -> void:
	var stone := _surfaces.thing()
	var beam := _surfaces.thing()
	var height := _dice.between(2.4, 4.0)
	var radius := _dice.between(0.14, 0.28)
	var row := Node3D.new()
	row.rotation.y = _dice.between(0.0, TAU)
	_place.add_child(row)
	var count := _dice.whole(4, 8)
	var gap := _dice.between(1.3, 2.2)
	for i in count:
		var x := (i - (count - 1) * 0.5) * gap
		Solids.cylinder(row, radius, height, Vector3(x, height * 0.5, -off), stone, radius * 0.85)
		Solids.box(row, Vector3(radius * 2.6, 0.18, radius * 2.6), Vector3(x, 0.09, -off), beam)
		Solids.box(row, Vector3(radius * 2.6, 0.14, radius * 2.6), Vector3(x, height - 0.07, -off), beam)
	Solids.box(row, Vector3(count * gap, 0.4, radius * 2.4), Vector3(0, height + 0.2, -off), beam)


## Platforms at several heights, ramps, rings and balls: no place that there is.
func _blocks() -> void:
	_floor(_surfaces.ground())
	for i in _dice.whole(24, 44):
		var size := Vector3(_dice.between(0.5, 2.2), _dice.scaled(0.15, 3.0), _dice.between(0.5, 2.2))
		var block := Node3D.new()
		match _dice.whole(0, 6):
			0: Solids.prism(block, size, Vector3(0, size.y * 0.5, 0), _surfaces.thing(), 0.0, _dice.pick([0.0, 0.5, 1.0]))
			1: Solids.cylinder(block, size.x * 0.5, size.y, Vector3(0, size.y * 0.5, 0), _surfaces.thing(), _dice.pick([-1.0, 0.0, size.x * 0.3]))
			2: Solids.sphere(block, size.x * 0.5, Vector3(0, size.x * 0.4, 0), _surfaces.thing())
			3: Solids.torus(block, size.x * 0.6, size.x * 0.16, Vector3(0, size.x * 0.74, 0), _surfaces.thing()).rotation.x = PI * 0.5
			4:
				Solids.box(block, size, Vector3(0, size.y * 0.5, 0), _surfaces.thing())
				Solids.sphere(block, size.x * 0.3, Vector3(0, size.y + size.x * 0.3, 0), _surfaces.thing())
			_: Solids.box(block, size, Vector3(0, size.y * 0.5, 0), _surfaces.thing())
		var turn := _dice.between(0.0, TAU)
		var reach := _dice.between(2.5, 9.0)
		_place.put(block, Vector3(cos(turn), 0, sin(turn)) * reach, _dice.between(0.0, TAU), 0.9)
	_scatter(6, 0.5, 5.0, ["steps", "arch", "cones", "sign"])
	_enclose(_dice.between(11.0, 14.0), _dice.whole(1, 3))


func _ruins() -> void:
	_floor(_surfaces.ground())
	var stone := _surfaces.wall()
	for i in _dice.whole(7, 12):
		var wall := Node3D.new()
		var wide := _dice.between(0.5, 0.9)
		var thick := _dice.between(0.3, 0.5)
		var height := _dice.between(0.6, 3.2)
		for part in _dice.whole(2, 6):
			height = clampf(height + _dice.between(-0.9, 0.7), 0.25, 3.6)
			Solids.box(wall, Vector3(wide, height, thick), Vector3(part * wide, height * 0.5, 0), stone)
		var turn := _dice.between(0.0, TAU)
		_place.put(wall, Vector3(cos(turn), 0, sin(turn)) * _dice.between(3.5, 9.0), _dice.between(0.0, TAU), 0.7)
	_scatter(30, 0.3, 4.5, ["column", "column", "rock", "rock", "steps", "arch", "bush", "in:pedestal"])
	_scatter(14, 5.0, 16.0, ["column", "tree", "fir", "rock", "bush"])


func _yard() -> void:
	_floor(_surfaces.ground())
	_enclose(_dice.between(8.0, 11.0), _dice.whole(2, 3))
	for i in _dice.whole(3, 6):
		var container := Node3D.new()
		var size := Vector3(_dice.between(2.0, 4.0), _dice.between(1.2, 2.4), _dice.between(1.2, 2.0))
		var face := _surfaces.thing()
		Solids.box(container, size, Vector3(0, size.y * 0.5, 0), face)
		for rib in 7:
			Solids.box(container, Vector3(0.08, size.y * 0.96, size.z + 0.08), Vector3((rib / 6.0 - 0.5) * size.x, size.y * 0.5, 0), face)
		var turn := _dice.between(0.0, TAU)
		_place.put(container, Vector3(cos(turn), 0, sin(turn)) * _dice.between(4.5, 8.5), _dice.between(0.0, TAU), 0.85)
	_scatter(30, 0.3, 4.5, ["in:crates", "in:crates", "in:barrel", "cones", "fence", "sign", "post", "pipes", "planter"])
