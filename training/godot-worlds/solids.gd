class_name Solids
extends RefCounted
## Simple bodies as MeshInstance3D, the only kind that the addon captures.


static func box(parent: Node3D, size: Vector3, at: Vector3, material: Material, turn := 0.0) -> MeshInstance3D:
	var mesh := BoxMesh.new()
	mesh.size = size
	return add(parent, mesh, at, material, turn)


## A cylinder, or a cone where `top` is another radius.
static func cylinder(parent: Node3D, radius: float, height: float, at: Vector3, material: Material, top := -1.0) -> MeshInstance3D:
	var mesh := CylinderMesh.new()
	mesh.bottom_radius = radius
	mesh.top_radius = radius if top < 0.0 else top
	mesh.height = height
	mesh.radial_segments = 24
	mesh.rings = 1
	return add(parent, mesh, at, material)


## A ball, or an ellipsoid that turns about its upright axis where `height` is not its width.
static func sphere(parent: Node3D, radius: float, at: Vector3, material: Material, height := -1.0) -> MeshInstance3D:
	var mesh := SphereMesh.new()
	mesh.radius = radius
	mesh.height = radius * 2.0 if height < 0.0 else height
	mesh.radial_segments = 32
	mesh.rings = 16
	return add(parent, mesh, at, material)


## A ring that lies flat.
static func torus(parent: Node3D, radius: float, thickness: float, at: Vector3, material: Material) -> MeshInstance3D:
	var mesh := TorusMesh.new()
	mesh.inner_radius = radius - thickness
	mesh.outer_radius = radius + thickness
	mesh.rings = 32
	mesh.ring_segments = 14
	return add(parent, mesh, at, material)


## A wedge: a roof with its ridge along Z, or a ramp where `ridge` is 0 or 1.
static func prism(parent: Node3D, size: Vector3, at: Vector3, material: Material, turn := 0.0, ridge := 0.5) -> MeshInstance3D:
	var mesh := PrismMesh.new()
	mesh.size = size
	mesh.left_to_right = ridge
	return add(parent, mesh, at, material, turn)


static func capsule(parent: Node3D, radius: float, height: float, at: Vector3, material: Material) -> MeshInstance3D:
	var mesh := CapsuleMesh.new()
	mesh.radius = radius
	mesh.height = height
	mesh.radial_segments = 24
	mesh.rings = 6
	return add(parent, mesh, at, material)


static func add(parent: Node3D, mesh: Mesh, at: Vector3, material: Material, turn := 0.0) -> MeshInstance3D:
	var made := MeshInstance3D.new()
	made.mesh = mesh
	made.position = at
	made.rotation.y = turn
	made.material_override = material
	parent.add_child(made)
	return made


## Bounds of all meshes under a node, in the node's own coordinates.
static func bounds(node: Node3D) -> AABB:
	var whole := AABB()
	for part in node.find_children("*", "MeshInstance3D", true, false):
		var at := Transform3D()
		var up: Node3D = part
		while up != node:
			at = up.transform * at
			up = up.get_parent_node_3d()
		var of_part: AABB = at * (part as MeshInstance3D).get_aabb()
		whole = of_part if whole.size == Vector3.ZERO else whole.merge(of_part)
	return whole
