class_name Stage
extends RefCounted
## The floor that is kept free for what moves: a rectangle of lanes at height 0.

var centre := Vector3.ZERO
## Radians about Y from +X to the lanes.
var heading := 0.0
var length := 6.0
var width := 4.0
## Free height above it in metres.
var headroom := 2.5


## The unit vector along the lanes.
func along() -> Vector3:
	return Vector3(cos(heading), 0.0, -sin(heading))


## The unit vector from lane to lane.
func across() -> Vector3:
	return Vector3(sin(heading), 0.0, cos(heading))


## The place at `s` metres along and `t` metres across from the centre.
func point(s: float, t: float) -> Vector3:
	return centre + along() * s + across() * t


## Metres from a place to the rectangle, along the floor; 0 inside.
func distance(place: Vector3) -> float:
	var from := place - centre
	return Vector2(maxf(0.0, absf(from.dot(along())) - length * 0.5), maxf(0.0, absf(from.dot(across())) - width * 0.5)).length()
