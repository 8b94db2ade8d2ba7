class_name World
extends Node3D
## A random world: a place, its light, people, moving things and a camera, all from one seed, all functions of time.

const FRAME_RATE := 24.0
const NEAR := 0.1
const FAR := 70.0
## Metres from one lane of the stage to the next.
const LANE := 1.05
const CAMERA_TRIES := 60

## Films the world.
var camera := Camera3D.new()
## What moves and is no character.
var movable: Array[Node3D] = []

var _seed := 0
var _place: Place
var _lighting: Lighting
var _figures: Array[Figure] = []
var _movers: Array[Mover] = []
var _move: CameraMove


func _init(world_seed: int) -> void:
	_seed = world_seed
	name = "World"


func _ready() -> void:
	var palette := Palette.new(Dice.new(_seed, "palette"))
	var surfaces := Surfaces.new(Dice.new(_seed, "surfaces"), palette)
	var dice := Dice.new(_seed, "place")
	if dice.chance(0.45):
		_place = Rooms.new(dice, surfaces).build()
	else:
		_place = Outdoors.new(dice, surfaces).build()
	add_child(_place)
	_cast(Dice.new(_seed, "cast"), surfaces)
	_lighting = Lighting.new(Dice.new(_seed, "light"))
	camera.name = "Camera"
	camera.near = NEAR
	camera.far = FAR
	camera.environment = _lighting.light(self, _place)
	add_child(camera)
	camera.make_current()
	_aim_camera(Dice.new(_seed, "camera"))
	pose_at(0, 0.0)


## Puts everything where it is at a tick.
func pose_at(_tick: int, seconds: float) -> void:
	_pose_actors(seconds)
	_lighting.pose_at(seconds)
	camera.transform = _move.at(seconds)


func _pose_actors(seconds: float) -> void:
	for figure in _figures:
		figure.pose_at(seconds)
	for mover in _movers:
		mover.pose_at(seconds)


## Gives each actor a lane of the stage for itself.
func _cast(dice: Dice, surfaces: Surfaces) -> void:
	var stage := _place.stage
	var lanes := int(stage.width / LANE)
	var free := dice.shuffled(range(lanes))
	var people := mini(dice.pick([0, 1, 1, 1, 2, 2]), lanes - 1)
	var things := mini(dice.pick([1, 2, 2, 3, 3, 4]), lanes - people)
	for i in people:
		var lane: float = (free.pop_back() + 0.5) * LANE - lanes * LANE * 0.5
		var figure := Figure.new(dice, surfaces)
		figure.name = "Figure%d" % (i + 1)
		_send(figure, dice, lane)
		_figures.append(figure)
		add_child(figure)
	for i in things:
		var lane: float = (free.pop_back() + 0.5) * LANE - lanes * LANE * 0.5
		var mover := Mover.new(dice, surfaces, stage, lane)
		mover.name = "%s%d" % [mover.name, i + 1]
		_place.add_child(mover.stand)
		_movers.append(mover)
		movable.append(mover)
		add_child(mover)


func _send(figure: Figure, dice: Dice, lane: float) -> void:
	var stage := _place.stage
	if dice.chance(0.2):
		figure.stay(stage.point(dice.between(-0.3, 0.3) * stage.length, lane), dice.between(-PI, PI))
		return
	var way := figure.speed * CameraMove.SECONDS
	var side := dice.side()
	var from := -minf(stage.length * 0.5 - 0.3, way * dice.between(0.4, 0.8))
	var heading := stage.heading + PI * 0.5 * side
	# A bend that leads no farther out of its lane than half a metre.
	var bend := dice.between(-1.0, 1.0) * minf(0.25, 1.0 / (way * way))
	figure.walk(stage.point(side * from, lane), heading, bend)


## Draws moves until one sees the actors and no wall fills its view.
func _aim_camera(dice: Dice) -> void:
	var viewfinder := Viewfinder.new(_place)
	var best := -INF
	for i in CAMERA_TRIES:
		var star: Node3D = dice.pick((_figures as Array) + (_movers as Array))
		_pose_actors(CameraMove.SECONDS * 0.5)
		var home: Vector3 = star.middle()
		var chased := func(seconds: float) -> Vector3:
			star.pose_at(seconds)
			return star.middle() - home
		var focus := _middle_of_actors().lerp(star.middle(), dice.between(0.0, 1.0))
		var candidate := CameraMove.new(dice, focus, not _place.roofed, chased)
		var worst := INF
		var mean := 0.0
		for seconds: float in [0.0, CameraMove.SECONDS * 0.5, CameraMove.SECONDS]:
			_pose_actors(seconds)
			var score := viewfinder.judge(candidate.at(seconds), candidate.fov, _points_of_actors())
			worst = minf(worst, score)
			mean += score / 3.0
			if worst < 0.0 and i > 0:
				break
		var merit := worst if worst < 0.0 else mean
		if merit > best:
			best = merit
			_move = candidate
		if merit > 0.6:
			break
	if best < 0.0:
		push_warning("world %d: no camera has a free view" % _seed)
	camera.fov = _move.fov


func _points_of_actors() -> Array[Vector3]:
	var points: Array[Vector3] = []
	for figure in _figures:
		points.append(figure.middle())
	for mover in _movers:
		points.append(mover.middle())
	return points


func _middle_of_actors() -> Vector3:
	var sum := Vector3.ZERO
	var points := _points_of_actors()
	for point in points:
		sum += point
	return sum / points.size()
