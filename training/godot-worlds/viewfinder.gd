class_name Viewfinder
extends RefCounted
## Judges a camera's view before anything is drawn, by rays against the boxes of what stands still.

const COLUMNS := 7
const ROWS := 5
const ASPECT := 16.0 / 9.0
const SKY := 1000.0

var _room: AABB
## Pairs of a transform from the world to a box, and the box.
var _boxes: Array[Array] = []


func _init(place: Place) -> void:
	_room = place.room
	_boxes = place.obstacles()


## How good a view is: 1 is fine, below 0 is no use. `actors` are points in the world that should be seen.
func judge(view: Transform3D, fov: float, actors: Array[Vector3]) -> float:
	if not _room.has_point(view.origin) or _inside(view.origin):
		return -2.0
	var half := tan(deg_to_rad(fov) * 0.5)
	var close := 0
	var sky := 0
	var distances: Array[float] = []
	for row in ROWS:
		for column in COLUMNS:
			var ray := Vector3(((column + 0.5) / COLUMNS * 2.0 - 1.0) * half * ASPECT, ((row + 0.5) / ROWS * 2.0 - 1.0) * half, -1.0)
			var distance := _hit(view.origin, view.basis * ray)
			distances.append(distance)
			close += 1 if distance < 1.1 else 0
			sky += 1 if distance >= SKY else 0
	distances.sort()
	var all := float(COLUMNS * ROWS)
	if close / all > 0.12 or sky / all > 0.45 or distances[COLUMNS * ROWS / 2] < 2.4:
		return -1.0
	var seen := 0
	for actor in actors:
		var local := view.affine_inverse() * actor
		var framed := local.z < -1.0 and absf(local.x) < -local.z * half * ASPECT * 0.9 and absf(local.y) < -local.z * half * 0.9
		if framed and _hit(view.origin, actor - view.origin) > 0.97:
			seen += 1
	return float(seen) / maxi(1, actors.size())


func _inside(at: Vector3) -> bool:
	for pair in _boxes:
		if (pair[1] as AABB).grow(0.3).has_point((pair[0] as Transform3D) * at):
			return true
	return false


## Along a ray, in lengths of `ray`.
func _hit(from: Vector3, ray: Vector3) -> float:
	var nearest := SKY
	var length := ray.length()
	for pair in _boxes:
		var to_box: Transform3D = pair[0]
		var start := to_box * from
		var met: Variant = (pair[1] as AABB).intersects_ray(start, to_box.basis * ray)
		if met != null:
			nearest = minf(nearest, start.distance_to(met) / length)
	return nearest
