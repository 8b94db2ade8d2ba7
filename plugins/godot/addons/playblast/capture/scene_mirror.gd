@tool
class_name PlayblastSceneMirror
extends RefCounted
## The scene's surfaces once more, as bare RenderingServer instances on a layer that cameras do not show by default.
##
## Mirrors what has a surface: meshes (also skinned ones and those with blend shapes), MultiMesh, CSG and GridMap. Particles,
## sprites, labels, decals and fog have none. A mirror never shows in the scene's own picture, nor in the editor's.

## What a mirrored node came to.
class Entry:
	var node: Node3D
	var base: RID
	var instances: Array[RID] = []
	## Transforms of the instances within the node.
	var offsets: Array[Transform3D] = []
	var place := Transform3D(Basis.from_scale(Vector3.ZERO), Vector3.ZERO)
	var shown := true
	## The materials of each instance's surfaces.
	var materials: Array[Array] = []
	var override: Material
	## Parameters that the node has values of its own for.
	var parameters: Array[StringName] = []
	## Which mesh of a GridMap's library each instance shows; 0 for other nodes.
	var parts := PackedInt32Array()
	## The id of the first surface, which says whether the ids are still right.
	var first_id := -1
	var blend_shapes := 0
	## A digest of a GridMap's cells, which change without a word.
	var cells := 0

var _layer: int
var _casts_shadows: bool
var _material: PlayblastProxyMaterial
## Gives an id to a surface: called with a node, the part and the number of the surface (see PlayblastSceneReader.surface_id).
var _id_of: Callable
## By the node's instance id, since nodes can be freed at any time.
var _entries: Dictionary[int, Entry] = {}


## A mirror on the layers `layer`, drawn with stand-ins of `material` that tell the ids of `id_of`; with `casts_shadows` the mirrored surfaces
## shade one another.
func _init(layer: int, material: PlayblastProxyMaterial, id_of: Callable, casts_shadows: bool) -> void:
	_layer = layer
	_material = material
	_id_of = id_of
	_casts_shadows = casts_shadows


## Whether a node has surfaces that are mirrored.
static func has_surface(node: Node) -> bool:
	if node is CSGShape3D:
		return (node as CSGShape3D).is_root_shape()
	return node is MeshInstance3D or node is MultiMeshInstance3D or node is GridMap


## Mirrors these nodes and no others.
func mirror(nodes: Array[Node3D]) -> void:
	var wanted: Dictionary[int, Node3D] = {}
	for node in nodes:
		wanted[node.get_instance_id()] = node
	for id: int in _entries.keys():
		if not id in wanted or _is_outdated(_entries[id]):
			_forget(id)
	for id: int in wanted:
		if not id in _entries:
			_add(id, wanted[id])
		var first_id: int = _id_of.call(wanted[id], 0, 0)
		if first_id != _entries[id].first_id:
			_entries[id].first_id = first_id
			_dress(_entries[id])


## Whether a mirrored node has gone, or has another mesh or other materials now.
func is_outdated() -> bool:
	return _entries.values().any(_is_outdated)


## Puts everything where the scene has it now, and shows what a camera that sees `cull_mask` would.
func follow(cull_mask: int) -> void:
	_material.follow()
	for entry: Entry in _entries.values():
		var node := entry.node
		var place := node.global_transform
		if place != entry.place:
			entry.place = place
			for i in entry.instances.size():
				RenderingServer.instance_set_transform(entry.instances[i], place * entry.offsets[i])
		var layers: int = node.layers if node is VisualInstance3D else -1
		var shown := node.is_visible_in_tree() and layers & cull_mask != 0
		if shown != entry.shown:
			entry.shown = shown
			for instance in entry.instances:
				RenderingServer.instance_set_visible(instance, shown)
		for parameter in entry.parameters:
			var value: Variant = (node as GeometryInstance3D).get_instance_shader_parameter(parameter)
			if value != null:
				RenderingServer.instance_geometry_set_shader_parameter(entry.instances[0], parameter, value)
		for shape in entry.blend_shapes:
			RenderingServer.instance_set_blend_shape_weight(entry.instances[0], shape, (node as MeshInstance3D).get_blend_shape_value(shape))


## Frees all that was mirrored. Safe to call twice.
func clear() -> void:
	for id: int in _entries.keys():
		_forget(id)


static func _is_outdated(entry: Entry) -> bool:
	if not is_instance_valid(entry.node) or not entry.node.is_inside_tree() or entry.base != _base_of(entry.node):
		return true
	if entry.node is GridMap:
		return entry.cells != _cells_of(entry.node as GridMap)
	return _has_other_materials(entry)


## Whether a node was given another material since, or its mesh other surfaces.
static func _has_other_materials(entry: Entry) -> bool:
	if entry.materials.is_empty():
		return false
	if (entry.node as GeometryInstance3D).material_override != entry.override:
		return true
	var mesh := entry.node as MeshInstance3D
	var known := entry.materials[0]
	if mesh == null:
		return false
	if mesh.mesh.get_surface_count() != known.size():
		return true
	for surface in known.size() if entry.override == null else 0:
		if mesh.get_active_material(surface) != known[surface]:
			return true
	return false


static func _cells_of(grid: GridMap) -> int:
	return hash([grid.get(&"data"), grid.mesh_library])


static func _base_of(node: Node3D) -> RID:
	return (node as VisualInstance3D).get_base() if node is VisualInstance3D else RID()


func _add(id: int, node: Node3D) -> void:
	var entry := Entry.new()
	entry.node = node
	entry.base = _base_of(node)
	_entries[id] = entry
	if node is GridMap:
		_add_grid(entry, node as GridMap)
		return
	var geometry := node as GeometryInstance3D
	var unseen := geometry.cast_shadow == GeometryInstance3D.SHADOW_CASTING_SETTING_SHADOWS_ONLY
	if not entry.base.is_valid() or (unseen and not _casts_shadows):
		return
	var instance := _instance(entry, entry.base, Transform3D.IDENTITY, geometry.cast_shadow)
	RenderingServer.instance_geometry_set_visibility_range(instance, geometry.visibility_range_begin, geometry.visibility_range_end,
		geometry.visibility_range_begin_margin, geometry.visibility_range_end_margin, RenderingServer.VISIBILITY_RANGE_FADE_DISABLED)
	entry.override = geometry.material_override
	entry.materials.append(_materials_of(geometry))
	entry.parts.append(0)
	for material: Material in entry.materials[0]:
		entry.parameters.append_array(_material.instance_parameters(material))
	var mesh := node as MeshInstance3D
	if mesh:
		entry.blend_shapes = mesh.get_blend_shape_count()
		var skin := mesh.get_skin_reference()
		if skin:
			RenderingServer.instance_attach_skeleton(instance, skin.get_skeleton())


## A GridMap keeps its instances to itself, so each cell is one of ours.
func _add_grid(entry: Entry, grid: GridMap) -> void:
	var items: Dictionary[Mesh, int] = {}
	for item in grid.mesh_library.get_item_list() if grid.mesh_library else PackedInt32Array():
		items[grid.mesh_library.get_item_mesh(item)] = item
	var cells := grid.get_meshes()
	for at in range(0, cells.size(), 2):
		var mesh: Mesh = cells[at + 1]
		_instance(entry, mesh.get_rid(), cells[at], GeometryInstance3D.SHADOW_CASTING_SETTING_ON)
		entry.materials.append(_surfaces_of(mesh))
		entry.parts.append(items.get(mesh, 0))
	entry.cells = _cells_of(grid)


func _instance(entry: Entry, base: RID, offset: Transform3D, shadows: GeometryInstance3D.ShadowCastingSetting) -> RID:
	var instance := RenderingServer.instance_create2(base, entry.node.get_world_3d().scenario)
	RenderingServer.instance_set_layer_mask(instance, _layer)
	var casts := shadows if _casts_shadows else GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	RenderingServer.instance_geometry_set_cast_shadows_setting(instance, casts as RenderingServer.ShadowCastingSetting)
	entry.instances.append(instance)
	entry.offsets.append(offset)
	return instance


## One material for all surfaces of an instance where they are alike, for each its own where not. A MultiMesh can only have one.
func _dress(entry: Entry) -> void:
	for i in entry.instances.size():
		var stand_ins: Array[ShaderMaterial] = []
		for surface in maxi(1, entry.materials[i].size()):
			var material: Material = entry.materials[i][surface] if surface < entry.materials[i].size() else null
			stand_ins.append(_material.for_surface(material, _id_of.call(entry.node, entry.parts[i], surface)))
		if entry.node is MultiMeshInstance3D or stand_ins.all(func(stand_in: ShaderMaterial) -> bool: return stand_in == stand_ins[0]):
			RenderingServer.instance_geometry_set_material_override(entry.instances[i], stand_ins[0].get_rid())
			continue
		for surface in stand_ins.size():
			RenderingServer.instance_set_surface_override_material(entry.instances[i], surface, stand_ins[surface].get_rid())


func _materials_of(geometry: GeometryInstance3D) -> Array[Material]:
	if geometry is MeshInstance3D:
		var mesh := geometry as MeshInstance3D
		var found: Array[Material] = []
		for surface in mesh.mesh.get_surface_count() if mesh.mesh else 0:
			found.append(mesh.material_override if mesh.material_override else mesh.get_active_material(surface))
		return found
	if geometry.material_override:
		return [geometry.material_override]
	if geometry is MultiMeshInstance3D:
		return _surfaces_of((geometry as MultiMeshInstance3D).multimesh.mesh)
	var baked := (geometry as CSGShape3D).get_meshes()
	return _surfaces_of(baked[1]) if baked.size() > 1 else ([] as Array[Material])


func _surfaces_of(mesh: Mesh) -> Array[Material]:
	var found: Array[Material] = []
	for surface in mesh.get_surface_count() if mesh else 0:
		found.append(mesh.surface_get_material(surface))
	return found


func _forget(id: int) -> void:
	for instance in _entries[id].instances:
		RenderingServer.free_rid(instance)
	_entries.erase(id)
