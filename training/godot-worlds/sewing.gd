class_name Sewing
extends RefCounted
## Makes skinned surfaces for a figure in its rest pose: tubes of flat rings, and balls. Texture coordinates are metres.

const TURNS := 16
const BALL_RINGS := 10

var _skeleton: Skeleton3D
var _tools: Dictionary[Material, SurfaceTool] = {}
var _counts: Dictionary[Material, int] = {}


func _init(skeleton: Skeleton3D) -> void:
	_skeleton = skeleton


## A closed tube through rings: centre, half width, half depth, a bone, another bone and the other's share. The other may be
## "legs": then it is the upper leg of the ring's own side.
func tube(rings: Array, material: Material) -> void:
	var all := [_narrowed(rings[0])]
	all.append_array(rings)
	all.append(_narrowed(rings[-1]))
	var rows: Array[Array] = []
	for ring: Array in all:
		var row := []
		for turn in TURNS + 1:
			var angle := TAU * turn / TURNS
			var other: String = ring[4]
			var share: float = ring[5]
			if other == "legs":
				other = "LeftUpperLeg" if sin(angle) > 0.0 else "RightUpperLeg"
				share *= minf(1.0, absf(sin(angle)) * 2.0)
			var at: Vector3 = ring[0] + Vector3(sin(angle) * ring[1], 0, cos(angle) * ring[2])
			row.append([at, Vector2(angle / TAU * (ring[1] + ring[2]) * PI, ring[0].y), ring[3], other, share])
		rows.append(row)
	_stitch(rows, material)


## An ellipsoid that one bone carries.
func ball(bone: String, centre: Vector3, radii: Vector3, material: Material) -> void:
	var rows: Array[Array] = []
	for ring in BALL_RINGS + 1:
		var latitude := PI * ring / BALL_RINGS
		var row := []
		for turn in TURNS + 1:
			var angle := TAU * turn / TURNS
			var unit := Vector3(sin(latitude) * sin(angle), cos(latitude), sin(latitude) * cos(angle))
			row.append([centre + unit * radii, Vector2(angle * radii.x, centre.y + unit.y * radii.y), bone, bone, 0.0])
		rows.append(row)
	_stitch(rows, material)


## All that was sewn, a surface a material.
func mesh() -> ArrayMesh:
	var made := ArrayMesh.new()
	for material: Material in _tools:
		var tool := _tools[material]
		tool.generate_normals()
		tool.set_material(material)
		tool.commit(made)
	return made


## The ring shrunk to nearly a point, to close the tube's end.
func _narrowed(ring: Array) -> Array:
	return [ring[0], ring[1] * 0.02, ring[2] * 0.02, ring[3], ring[4], ring[5]]


func _stitch(rows: Array[Array], material: Material) -> void:
	if not material in _tools:
		_tools[material] = SurfaceTool.new()
		_tools[material].begin(Mesh.PRIMITIVE_TRIANGLES)
		_counts[material] = 0
	var tool := _tools[material]
	var first: int = _counts[material]
	for row in rows:
		for corner: Array in row:
			tool.set_smooth_group(0)
			tool.set_uv(corner[1])
			tool.set_bones(PackedInt32Array([_skeleton.find_bone(corner[2]), _skeleton.find_bone(corner[3]), 0, 0]))
			tool.set_weights(PackedFloat32Array([1.0 - corner[4], corner[4], 0.0, 0.0]))
			tool.add_vertex(corner[0])
	var wide := TURNS + 1
	var downward: bool = rows[0][0][0].y > rows[-1][0][0].y
	for row in rows.size() - 1:
		for turn in TURNS:
			var a := first + row * wide + turn
			var quad: Array[int] = [a, a + 1, a + wide, a + 1, a + wide + 1, a + wide]
			if not downward:
				quad = [a, a + wide, a + 1, a + 1, a + wide, a + wide + 1]
			for index in quad:
				tool.add_index(index)
	_counts[material] = first + rows.size() * wide
