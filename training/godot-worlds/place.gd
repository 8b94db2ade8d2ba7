class_name Place
extends Node3D
## Where a world happens: what stands still, the stage, and where cameras and lamps may be.

var stage := Stage.new()
## Where a camera may be.
var room := AABB()
## Whether there is a roof that keeps the sun out.
var roofed := false
## Good places for lamps.
var lamp_spots: Array[Vector3] = []

## What stands on the floor, as circles: x, radius, z.
var _taken: Array[Vector3] = []


## Puts a piece down, turned by `turn` radians about Y, or frees it where something stands or actors move. Below 1, `crowd`
## lets pieces stand that much closer than their circles would.
func put(piece: Node3D, at: Vector3, turn: float, crowd := 1.0) -> bool:
	var size := Solids.bounds(piece)
	var radius := Vector2(size.size.x, size.size.z).length() * 0.5 * 0.9
	var middle := at + (size.get_center() * Vector3(1, 0, 1)).rotated(Vector3.UP, turn)
	if stage.distance(middle) < radius + 0.1:
		piece.free()
		return false
	for other in _taken:
		if Vector2(other.x - middle.x, other.z - middle.z).length() < (radius + other.y) * crowd:
			piece.free()
			return false
	_taken.append(Vector3(middle.x, radius, middle.z))
	piece.position = at
	piece.rotation.y = turn
	add_child(piece)
	return true


## Bounds of everything that stands still: pairs of the transform from the world to a mesh, and the mesh's box there.
func obstacles() -> Array[Array]:
	var found: Array[Array] = []
	for part in find_children("*", "MeshInstance3D", true, false):
		var mesh := part as MeshInstance3D
		found.append([mesh.global_transform.affine_inverse(), mesh.get_aabb()])
	return found
