class_name PlayblastSceneReader
extends RefCounted
## Says what a scene holds (OpenShot's Scene) and where everything is at one tick.

## Skeletons found under the root, with their ids.
var skeletons: Array[Skeleton3D] = []
## Rigid things that may move.
var objects: Array[Node3D] = []
var lights: Array[Light3D] = []
## All visible meshes.
var meshes: Array[MeshInstance3D] = []

var _root: Node
var _profile := SkeletonProfileHumanoid.new()
var _owner_ids: Dictionary[Node, int] = {}


## Finds skeletons, lights and meshes under `root`; `movable` are the nodes to stream as objects.
func _init(root: Node, movable: Array[Node3D]) -> void:
	_root = root
	objects = movable
	for node in root.find_children("*", "Skeleton3D", true, false):
		skeletons.append(node)
	for node in root.find_children("*", "Light3D", true, false):
		lights.append(node)
	for node in root.find_children("*", "MeshInstance3D", true, false):
		meshes.append(node)
	var next := 1
	for node: Node in skeletons + objects:
		_owner_ids[node] = next
		next += 1


## Owner id of a mesh: that of the skeleton or object above it, or 0 for the static world.
func owner_of(mesh: Node) -> int:
	var node := mesh
	if mesh is MeshInstance3D and mesh.skin and mesh.get_node_or_null(mesh.skeleton) in _owner_ids:
		return _owner_ids[mesh.get_node(mesh.skeleton)]
	while node and node != _root:
		if node in _owner_ids:
			return _owner_ids[node]
		node = node.get_parent()
	return 0


## How many skeletons and objects there are; owner ids run from 1 to this.
func owner_count() -> int:
	return _owner_ids.size()


## The Scene message.
func declare(near: float, far: float) -> Dictionary:
	return {
		"characters": skeletons.map(_declare_character),
		"objects": objects.map(_declare_object),
		"near": near,
		"far": far,
	}


## CharacterPose messages in world space.
func poses() -> Array:
	return skeletons.map(func(skeleton: Skeleton3D) -> Dictionary:
		var positions := PackedFloat32Array()
		var rotations := PackedFloat32Array()
		for bone in skeleton.get_bone_count():
			var joint := skeleton.global_transform * skeleton.get_bone_global_pose(bone)
			var turn := joint.basis.get_rotation_quaternion()
			positions.append_array([joint.origin.x, joint.origin.y, joint.origin.z])
			rotations.append_array([turn.x, turn.y, turn.z, turn.w])
		return {"id": _id(skeleton), "positions": positions, "rotations": rotations})


## ObjectPose messages in world space.
func object_poses() -> Array:
	return objects.map(func(object: Node3D) -> Dictionary:
		return {"id": _id(object), "transform": transform_message(object.global_transform)})


## Light messages.
func light_messages(environment: Environment) -> Array:
	var messages := lights.filter(func(light: Light3D) -> bool: return light.is_visible_in_tree()).map(_light_message)
	if environment and environment.ambient_light_energy > 0.0:
		var colour := environment.ambient_light_color.srgb_to_linear() * environment.ambient_light_energy
		messages.append({"kind": PlayblastProtocol.LightKind.AMBIENT, "colour": _vector(Vector3(colour.r, colour.g, colour.b))})
	return messages


## A Transform message.
static func transform_message(transform: Transform3D) -> Dictionary:
	var turn := transform.basis.get_rotation_quaternion()
	return {
		"position": _vector(transform.origin),
		"rotation": {"x": turn.x, "y": turn.y, "z": turn.z, "w": turn.w},
		"scale": _vector(transform.basis.get_scale()),
	}


static func _vector(v: Vector3) -> Dictionary:
	return {"x": v.x, "y": v.y, "z": v.z}


func _id(node: Node) -> String:
	return str(_root.get_path_to(node))


func _declare_character(skeleton: Skeleton3D) -> Dictionary:
	var bones := []
	for bone in skeleton.get_bone_count():
		var name := skeleton.get_bone_name(bone)
		bones.append({
			"name": name,
			"parent": skeleton.get_bone_parent(bone),
			"rest": transform_message(skeleton.get_bone_rest(bone)),
			"humanoid": name if _profile.find_bone(name) >= 0 else "",
		})
	return {"id": _id(skeleton), "bones": bones, "owner_id": _owner_ids[skeleton]}


func _declare_object(object: Node3D) -> Dictionary:
	var box := AABB()
	var first := true
	for mesh in meshes:
		if owner_of(mesh) != _owner_ids[object] or mesh.mesh == null:
			continue
		var local := object.global_transform.affine_inverse() * mesh.global_transform
		var bounds := local * mesh.get_aabb()
		box = bounds if first else box.merge(bounds)
		first = false
	return {
		"id": _id(object),
		"name": object.name,
		"bounds": {"min": _vector(box.position), "max": _vector(box.end)},
		"owner_id": _owner_ids[object],
	}


func _light_message(light: Light3D) -> Dictionary:
	var colour := light.light_color.srgb_to_linear() * light.light_energy
	var message := {
		"position": _vector(light.global_position),
		"direction": _vector(-light.global_basis.z),
		"colour": _vector(Vector3(colour.r, colour.g, colour.b)),
		"casts_shadow": light.shadow_enabled,
	}
	if light is DirectionalLight3D:
		message["kind"] = PlayblastProtocol.LightKind.DIRECTIONAL
	elif light is OmniLight3D:
		message["kind"] = PlayblastProtocol.LightKind.POINT
		message["range"] = (light as OmniLight3D).omni_range
	else:
		message["kind"] = PlayblastProtocol.LightKind.SPOT
		message["range"] = (light as SpotLight3D).spot_range
		message["spot_angle"] = deg_to_rad((light as SpotLight3D).spot_angle)
	return message
