@tool
class_name PlayblastSceneReader
extends RefCounted
## Says what a scene holds (OpenShot's Scene) and where everything is at one tick.
##
## Skeletons, lights and surfaces are found by themselves, and so is what moves: physics bodies, what AnimationPlayers move,
## what hangs on bones, and whatever is seen to move (`watch`). Owner ids are 0 for the static world and run from 1 otherwise.

## Skeletons under the root.
var skeletons: Array[Skeleton3D] = []
## Rigid things that may move.
var objects: Array[Node3D] = []
var lights: Array[Light3D] = []
## Rises whenever the scene was read anew.
var revision := 0
## Everything that has a surface: see PlayblastSceneMirror.
var surfaces: Array[Node3D] = []

## What a server takes of each kind: see Limits in shot_event.proto.
const MOST_LIGHTS := 64
const MOST_CHARACTERS := 64
const MOST_OBJECTS := 1024
## What 16 bits tell apart.
const MOST_SURFACES := 65535

var _root: Node
var _named: Array[Node3D]
var _seen_moving: Array[Node3D] = []
var _owner_ids: Dictionary[int, int] = {}
var _is_stale := false
var _orders: Dictionary[int, PackedInt32Array] = {}
## Bones as the skeleton's modifiers leave them, which it forgets after its update.
var _modified: Dictionary[int, Array] = {}
## Ids of mesh surfaces by [node, part, surface], and the node of each id, whose first is none's. Never given away twice.
var _surface_ids: Dictionary[Array, int] = {}
var _surface_nodes := PackedInt64Array([0])
## The first surface id of each owning node, for when ids run out.
var _first_surfaces: Dictionary[int, int] = {}
## Local transforms of what is taken to stand still, to see whether it does.
var _still: Dictionary[int, Transform3D] = {}


## Reads the scene under `root`; `named` are further nodes to stream as objects.
func _init(root: Node, named: Array[Node3D] = []) -> void:
	_root = root
	_named = named
	_find()
	_root.get_tree().node_added.connect(_on_tree_changed)
	_root.get_tree().node_removed.connect(_on_tree_changed)


## The world that the scene is drawn in.
func world() -> World3D:
	return _root.get_viewport().find_world_3d()


## Finds anew what surfaces and lights there are, if nodes came or went.
func refresh() -> void:
	if _is_stale:
		_find()


## Whether the scene has other characters or objects than those that were declared, so that it needs a new shot.
func differs_from(declared: Dictionary) -> bool:
	return ids_of(declared) != [skeletons.map(_id), objects.map(_id)]


## The ids of the characters and of the objects that a Scene or an EngineFrame message speaks of.
static func ids_of(message: Dictionary) -> Array[Array]:
	var id := func(thing: Dictionary) -> String: return thing.id
	return [message.characters.map(id), message.objects.map(id)]


## Looks for things that moved since the last call though they are taken to stand still, and takes them for objects from now on.
## Returns whether there were any.
func watch() -> bool:
	var moved: Array[Node3D] = []
	for id: int in _still:
		var node := instance_from_id(id) as Node3D
		if node and node.transform != _still[id]:
			moved.append(node)
	if moved.is_empty():
		return false
	_seen_moving.append_array(moved)
	_find()
	return true


## Owner id of a node: that of the skeleton or object above it, or 0 for the static world.
func owner_of(surface: Node) -> int:
	var owner := _owning_node(surface)
	return _owner_ids[owner.get_instance_id()] if owner else 0


## How many skeletons and objects there are; owner ids run from 1 to this.
func owner_count() -> int:
	return _owner_ids.size()


## Id of one surface of a node's mesh, from 1 to MOST_SURFACES: the same for the same surface as long as this reader lives. `part` tells the
## meshes of a GridMap's library apart, whose cells share theirs. When ids run out, surfaces take that of another one of their owner, or 0.
func surface_id(node: Node3D, part: int, surface: int) -> int:
	var key := [node.get_instance_id(), part, surface]
	if not key in _surface_ids:
		var owner := _owning_node(node)
		var owning := owner.get_instance_id() if owner else 0
		if _surface_nodes.size() > MOST_SURFACES:
			return _first_surfaces.get(owning, 0)
		_surface_ids[key] = _surface_nodes.size()
		_first_surfaces.get_or_add(owning, _surface_nodes.size())
		_surface_nodes.append(node.get_instance_id())
	return _surface_ids[key]


## How many surface ids were given; they run from 1 to this.
func surface_count() -> int:
	return _surface_nodes.size() - 1


## Owner ids by surface ids; that of 0, and of what is gone, is 0.
func owners_of_surfaces() -> PackedInt32Array:
	var known: Dictionary[int, int] = {0: 0}
	var owners := PackedInt32Array()
	for id in _surface_nodes:
		if not id in known:
			known[id] = owner_of(instance_from_id(id)) if is_instance_id_valid(id) else 0
		owners.append(known[id])
	return owners


## The Scene message, for a camera with these clip distances in metres.
func declare(near: float, far: float) -> Dictionary:
	return {
		"characters": skeletons.map(_declare_character),
		"objects": _declare_objects(),
		"near": near,
		"far": far,
	}


## CharacterPose messages in world space.
func poses() -> Array:
	return skeletons.map(func(skeleton: Skeleton3D) -> Dictionary:
		var positions := PackedFloat32Array()
		var rotations := PackedFloat32Array()
		var modified: Array = _modified.get(skeleton.get_instance_id(), [])
		for bone in _order_of(skeleton):
			var pose: Transform3D = modified[bone] if bone < modified.size() else skeleton.get_bone_global_pose(bone)
			var joint := skeleton.global_transform * pose
			var turn := joint.basis.get_rotation_quaternion()
			positions.append_array([joint.origin.x, joint.origin.y, joint.origin.z])
			rotations.append_array([turn.x, turn.y, turn.z, turn.w])
		return {"id": _id(skeleton), "positions": positions, "rotations": rotations})


## ObjectPose messages in world space.
func object_poses() -> Array:
	return objects.map(func(object: Node3D) -> Dictionary:
		return {"id": _id(object), "transform": transform_message(object.global_transform)})


## Light messages, of the lights nearest to `eye` where there are more than a server takes.
func light_messages(environment: Environment, eye: Vector3) -> Array:
	var shining := lights.filter(func(light: Light3D) -> bool: return light.is_visible_in_tree())
	if shining.size() >= MOST_LIGHTS:
		var is_far := func(light: Light3D) -> float: return 0.0 if light is DirectionalLight3D else light.global_position.distance_squared_to(eye)
		shining.sort_custom(func(a: Light3D, b: Light3D) -> bool: return is_far.call(a) < is_far.call(b))
	var messages := shining.slice(0, MOST_LIGHTS - 1).map(_light_message)
	if environment and environment.ambient_light_energy > 0.0:
		var colour := environment.ambient_light_color.srgb_to_linear() * environment.ambient_light_energy
		messages.append({"kind": PlayblastProtocol.LightKind.AMBIENT, "colour": _vector(Vector3(colour.r, colour.g, colour.b))})
	return messages


## Lets the scene's lights shine on mirrors of `layer`: a camera that does not see a light's layer draws without it.
func lend_lights(layer: int) -> void:
	for light in lights:
		RenderingServer.instance_set_layer_mask(light.get_instance(), light.layers | layer)


## Takes the lights back from the mirrors.
func release_lights() -> void:
	for light in lights:
		if is_instance_valid(light):
			RenderingServer.instance_set_layer_mask(light.get_instance(), light.layers)


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


## Reading the scene anew takes 3 microseconds a node, so only for what would be found.
func _on_tree_changed(node: Node) -> void:
	var counts := node is VisualInstance3D or node is GridMap or node is Skeleton3D or (node is Node3D and _moves_by_nature(node as Node3D))
	if counts and is_instance_valid(_root) and _root.is_ancestor_of(node):
		_is_stale = true


func _find() -> void:
	_is_stale = false
	revision += 1
	skeletons.clear()
	lights.clear()
	surfaces.clear()
	objects.clear()
	var moved := _moved_by_animation()
	var movers: Array[Node3D] = []
	var found := _root.find_children("*", "Node3D", true, false)
	if _root is Node3D:
		found.push_front(_root)
	for node: Node3D in found:
		# What has left the tree is found until the end of its frame.
		if node.is_queued_for_deletion():
			continue
		if node is Skeleton3D and skeletons.size() < MOST_CHARACTERS:
			skeletons.append(node)
			_follow_modifiers(node as Skeleton3D)
		elif node is Light3D:
			lights.append(node)
		if PlayblastSceneMirror.has_surface(node):
			surfaces.append(node)
		if node in _named or node in _seen_moving or node in moved or _moves_by_nature(node):
			movers.append(node)
	_owner_ids.clear()
	for skeleton in skeletons:
		_owner_ids[skeleton.get_instance_id()] = _owner_ids.size() + 1
	for mover in movers:
		_owner_ids[mover.get_instance_id()] = 0
	# An object without a surface of its own, as one around a character, would only be a name.
	var owners: Dictionary[int, bool] = {}
	for surface in surfaces:
		var owner := _owning_node(surface)
		if owner:
			owners[owner.get_instance_id()] = true
	for mover in movers:
		if (mover.get_instance_id() in owners or mover in _named) and objects.size() < MOST_OBJECTS:
			objects.append(mover)
		else:
			_owner_ids.erase(mover.get_instance_id())
	for index in objects.size():
		_owner_ids[objects[index].get_instance_id()] = skeletons.size() + index + 1
	_remember_still()


func _owning_node(surface: Node) -> Node:
	var mesh := surface as MeshInstance3D
	if mesh and mesh.skin and mesh.get_node_or_null(mesh.skeleton) is Skeleton3D:
		return mesh.get_node(mesh.skeleton)
	var node := surface
	while node:
		if node.get_instance_id() in _owner_ids:
			return node
		node = node.get_parent() if node != _root else null
	return null


func _moves_by_nature(node: Node3D) -> bool:
	return (node is BoneAttachment3D or node is PathFollow3D or
		node is RigidBody3D or node is CharacterBody3D or node is AnimatableBody3D)


## Nodes that have a track for their place in an AnimationPlayer of the scene.
func _moved_by_animation() -> Dictionary[Node, bool]:
	var moved: Dictionary[Node, bool] = {}
	for player: AnimationPlayer in _root.find_children("*", "AnimationPlayer", true, false):
		var base := player.get_node_or_null(player.root_node)
		for animation_name in player.get_animation_list() if base else PackedStringArray():
			var animation := player.get_animation(animation_name)
			for track in animation.get_track_count():
				var path := animation.track_get_path(track)
				var node := base.get_node_or_null(NodePath(path.get_concatenated_names()))
				if node is Node3D and not node is Skeleton3D and _places(animation.track_get_type(track), path):
					moved[node] = true
	return moved


static func _places(type: Animation.TrackType, path: NodePath) -> bool:
	if type in [Animation.TYPE_POSITION_3D, Animation.TYPE_ROTATION_3D, Animation.TYPE_SCALE_3D]:
		return true
	var property := path.get_concatenated_subnames()
	return ["position", "rotation", "scale", "transform", "global_", "quaternion", "basis"].any(
		func(name: String) -> bool: return property.begins_with(name))


func _follow_modifiers(skeleton: Skeleton3D) -> void:
	if skeleton.find_children("*", "SkeletonModifier3D", false, false).is_empty():
		return
	var keep := _keep_modified.bind(skeleton)
	if not skeleton.skeleton_updated.is_connected(keep):
		skeleton.skeleton_updated.connect(keep)


func _keep_modified(skeleton: Skeleton3D) -> void:
	_modified[skeleton.get_instance_id()] = range(skeleton.get_bone_count()).map(skeleton.get_bone_global_pose)


## Surfaces of the static world and all above them.
func _remember_still() -> void:
	_still.clear()
	for surface in surfaces:
		if owner_of(surface) != 0:
			continue
		var node: Node = surface
		while node and node != _root:
			if node is Node3D:
				_still[node.get_instance_id()] = (node as Node3D).transform
			node = node.get_parent()


## A skeleton's bones, parents before their children, as the wire wants them.
func _order_of(skeleton: Skeleton3D) -> PackedInt32Array:
	var id := skeleton.get_instance_id()
	if id in _orders and _orders[id].size() == skeleton.get_bone_count():
		return _orders[id]
	var order := skeleton.get_parentless_bones()
	var next := 0
	while next < order.size():
		order.append_array(skeleton.get_bone_children(order[next]))
		next += 1
	_orders[id] = order
	return order


func _declare_character(skeleton: Skeleton3D) -> Dictionary:
	var humanoid := PlayblastHumanoid.map(skeleton)
	var order := _order_of(skeleton)
	var bones := []
	for bone in order:
		bones.append({
			"name": skeleton.get_bone_name(bone),
			"parent": order.find(skeleton.get_bone_parent(bone)),
			"rest": transform_message(skeleton.get_bone_rest(bone)),
			"humanoid": humanoid[bone],
		})
	return {"id": _id(skeleton), "bones": bones, "owner_id": _owner_ids[skeleton.get_instance_id()]}


func _declare_objects() -> Array:
	# In their objects' local space.
	var bounds: Dictionary[Node, AABB] = {}
	for surface in surfaces:
		var owner := _owning_node(surface) as Node3D
		if owner == null or not surface is VisualInstance3D:
			continue
		var local := owner.global_transform.affine_inverse() * surface.global_transform
		var box := local * (surface as VisualInstance3D).get_aabb()
		bounds[owner] = bounds[owner].merge(box) if owner in bounds else box
	return objects.map(func(object: Node3D) -> Dictionary:
		var box: AABB = bounds.get(object, AABB())
		return {
			"id": _id(object),
			"name": object.name,
			"bounds": {"min": _vector(box.position), "max": _vector(box.end)},
			"owner_id": _owner_ids[object.get_instance_id()],
		})


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
