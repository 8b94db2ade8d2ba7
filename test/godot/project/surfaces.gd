extends SceneTree
## Captures every kind of surface, each in a cell of its own, and holds owner and depth in the cell's middle against what the
## documentation says of that kind: `godot --rendering-method METHOD --script res://surfaces.gd`.

const SIZE := Vector2i(320, 160)
const COLUMNS := 8
const ROWS := 4
## Of the orthographic camera: a cell is one metre.
const HEIGHT := 4.0
const EYE := 10.0
const DEPTH_SHARE := 0.001
## Depth of a cell's wall, whose owner is the static world.
const WALL := 12.0
const NOTHING := 0.0
const MANY := 300

var _report := Report.new()
var _scene := Node3D.new()
var _camera := Camera3D.new()
var _objects: Array[Node3D] = []
## By cell: a name, the object that must own its middle (null: the world), its depth there.
var _cells: Array[Dictionary] = []


func _initialize() -> void:
	root.add_child(_scene)
	_run.call_deferred()


func _run() -> void:
	print("renderer: %s" % RenderingServer.get_current_rendering_method())
	_camera.set_orthogonal(HEIGHT, 0.1, 50.0)
	_camera.position.z = EYE
	_scene.add_child(_camera)
	_camera.make_current()
	_build()
	var reader := PlayblastSceneReader.new(_scene, _objects)
	var capture := PlayblastPlaneCapture.new(reader, SIZE)
	_scene.add_child(capture)
	await process_frame
	await capture.warm_up(_camera)
	await _check(capture, reader, 0, "at first")
	# The window's own settings are none of the capture's business.
	root.msaa_3d = Viewport.MSAA_4X
	root.scaling_3d_scale = 0.5
	root.size = Vector2i(500, 410)
	await _check(capture, reader, 1, "with MSAA, scaled, in another window size")
	root.msaa_3d = Viewport.MSAA_DISABLED
	root.scaling_3d_scale = 1.0
	_change()
	await process_frame
	await process_frame
	await _check(capture, reader, 2, "after changes")
	capture.queue_free()
	await process_frame
	await _check_many()
	quit(_report.finish())


func _check(capture: PlayblastPlaneCapture, reader: PlayblastSceneReader, tick: int, when: String) -> void:
	capture.request(tick, 0.0, _camera)
	var captured: PlayblastCapturedTick = await capture.captured
	var planes := {}
	for plane: Dictionary in captured.message.planes:
		planes[plane.kind] = plane
	for index in _cells.size():
		var cell := _cells[index]
		@warning_ignore("integer_division")
		var pixel := Vector2i((index % COLUMNS) * 40 + 20, (index / COLUMNS) * 40 + 20)
		var at := pixel.y * SIZE.x + pixel.x
		var depth: float = planes[PlayblastProtocol.PlaneKind.DEPTH].data.decode_half(at * 2)
		var owner := _owner_at(planes[PlayblastProtocol.PlaneKind.OWNER_ID], at)
		var wanted: int = reader.owner_of(cell.owner) if cell.owner else 0
		_report.check(owner == wanted, "%s: %s has its owner" % [when, cell.title], "%d, not %d" % [owner, wanted])
		_report.check(absf(depth - cell.depth) <= DEPTH_SHARE * cell.depth, "%s: %s has its depth" % [when, cell.title], "%.3f, not %.3f" % [depth, cell.depth])


func _owner_at(plane: Dictionary, at: int) -> int:
	return plane.data[at] if plane.format == PlayblastProtocol.PlaneFormat.U8 else plane.data.decode_u16(at * 2)


func _build() -> void:
	_cell("a mesh", _owned(_mesh(BoxMesh.new())), EYE - 0.4)
	_cell("CSG", _owned(_csg()), EYE - 0.4)
	_cell("CSG where it was cut away", null, WALL)
	var hollow := CSGCombiner3D.new()
	var block := CSGBox3D.new()
	block.size = Vector3.ONE * 0.8
	var hole := CSGBox3D.new()
	hole.size = Vector3(0.4, 0.4, 2.0)
	hole.operation = CSGShape3D.OPERATION_SUBTRACTION
	hollow.add_child(block)
	hollow.add_child(hole)
	_place(hollow)
	_cell("MultiMesh", _owned(_multi_mesh()), EYE - 0.4)
	_cell("GridMap", _owned(_grid_map()), EYE - 0.4)
	_cell("a sheet seen from behind that has two sides", _owned(_sheet(BaseMaterial3D.CULL_DISABLED, true)), EYE)
	_cell("a sheet seen from behind that has one side", null, WALL)
	_place(_sheet(BaseMaterial3D.CULL_BACK, true))
	_cell("glass", null, WALL)
	_place(_sheet(BaseMaterial3D.CULL_BACK, false, BaseMaterial3D.TRANSPARENCY_ALPHA))
	_cell("a fence where it is solid", _owned(_fence(1.0)), EYE)
	_cell("a fence where it is open", null, WALL)
	_place(_fence(0.0))
	_cell("water of a shader that writes ALPHA", null, WALL)
	_place(_shaded("void fragment() { ALBEDO = vec3(0.1); ALPHA = 0.5; }"))
	_cell("a shader that writes no ALPHA", _owned(_shaded("void fragment() { ALBEDO = vec3(0.1); }")), EYE)
	_cell("a billboard", null, WALL)
	var billboard := _sheet(BaseMaterial3D.CULL_BACK, false)
	(billboard.material_override as StandardMaterial3D).billboard_mode = BaseMaterial3D.BILLBOARD_ENABLED
	_place(billboard)
	_cell("a sprite", null, WALL)
	_place(Sprite3D.new())
	_cell("particles", null, WALL)
	var particles := CPUParticles3D.new()
	particles.mesh = BoxMesh.new()
	_place(particles)
	_cell("a mesh on a layer that the camera does not see", null, WALL)
	var unseen := _mesh(BoxMesh.new())
	unseen.layers = 1 << 5
	_camera.cull_mask &= ~(1 << 5)
	_place(unseen)
	_cell("a hidden mesh", null, WALL)
	var hidden := _mesh(BoxMesh.new())
	_place(hidden)
	hidden.hide()
	_cell("a mesh that only casts a shadow", null, WALL)
	var shadow := _mesh(BoxMesh.new())
	shadow.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_SHADOWS_ONLY
	_place(shadow)
	_cell("a blend shape at 0", _owned(_blending(0.0)), EYE)
	_cell("a blend shape at 1", _owned(_blending(1.0)), EYE - 1.0)
	_cell("a mesh with a surface of glass before an opaque one", _owned(_two_surfaces()), EYE)
	_cell("an object within an object", _owned(_nested()), EYE - 0.9)
	# What changes later: see _change.
	_cell("a mesh that is freed", _owned(_mesh(BoxMesh.new())), EYE - 0.4)
	_cell("a mesh that gets another", _owned(_mesh(BoxMesh.new())), EYE - 0.4)
	_cell("a mesh that is hidden later", _owned(_mesh(BoxMesh.new())), EYE - 0.4)
	_cell("a place that is empty at first", null, WALL)
	_place(Node3D.new())
	var wall := MeshInstance3D.new()
	wall.mesh = QuadMesh.new()
	(wall.mesh as QuadMesh).size = Vector2(20.0, 20.0)
	wall.position.z = EYE - WALL
	_scene.add_child(wall)


func _change() -> void:
	for cell in _cells:
		match cell.title:
			"a mesh that is freed":
				cell.node.free()
				cell.owner = null
				cell.depth = WALL
			"a mesh that gets another":
				var ball := SphereMesh.new()
				ball.radius = 0.3
				ball.height = 0.6
				cell.node.mesh = ball
				cell.depth = EYE - 0.3
			"a mesh that is hidden later":
				cell.node.hide()
				cell.owner = null
				cell.depth = WALL
			"a place that is empty at first":
				cell.node.add_child(_mesh(BoxMesh.new()))
				cell.depth = EYE - 0.4
			"GridMap":
				cell.node.set_cell_item(Vector3i.ZERO, GridMap.INVALID_CELL_ITEM)
				cell.owner = null
				cell.depth = WALL
			"a blend shape at 0":
				cell.node.set_blend_shape_value(0, 0.5)
				cell.depth = EYE - 0.5


## More owners than a byte holds, and more instances than Compatibility has room for in instance uniforms.
func _check_many() -> void:
	_scene.free()
	_scene = Node3D.new()
	root.add_child(_scene)
	_camera = Camera3D.new()
	_camera.set_orthogonal(HEIGHT, 0.1, 50.0)
	_camera.position.z = EYE
	_scene.add_child(_camera)
	_camera.make_current()
	var boxes: Array[Node3D] = []
	for i in MANY:
		var box := _mesh(BoxMesh.new())
		(box.mesh as BoxMesh).size = Vector3.ONE * 0.15
		@warning_ignore("integer_division")
		box.position = Vector3((i % 25) * 0.2 - 2.4, (i / 25) * 0.2 - 1.2, 0.0)
		_scene.add_child(box)
		boxes.append(box)
	var reader := PlayblastSceneReader.new(_scene, boxes)
	var capture := PlayblastPlaneCapture.new(reader, SIZE)
	_scene.add_child(capture)
	await capture.warm_up(_camera)
	capture.request(0, 0.0, _camera)
	var captured: PlayblastCapturedTick = await capture.captured
	var plane := {}
	for one: Dictionary in captured.message.planes:
		if one.kind == PlayblastProtocol.PlaneKind.OWNER_ID:
			plane = one
	var wrong := 0
	for box in boxes:
		var pixel := Vector2i((Vector2(box.position.x, -box.position.y) / HEIGHT * SIZE.y + Vector2(SIZE) / 2.0).floor())
		wrong += int(_owner_at(plane, pixel.y * SIZE.x + pixel.x) != reader.owner_of(box))
	_report.check(wrong == 0, "%d objects have their owners" % MANY, "%d have not" % wrong)
	capture.queue_free()
	await process_frame


func _cell(title: String, node: Node3D, depth: float) -> void:
	_cells.append({"title": title, "owner": node, "node": node, "depth": depth})
	if node:
		_place(node)


func _owned(node: Node3D) -> Node3D:
	_objects.append(node)
	return node


## Into the cell that was added last.
func _place(node: Node3D) -> void:
	var index := _cells.size() - 1
	@warning_ignore("integer_division")
	node.position += Vector3(index % COLUMNS + 0.5 - COLUMNS / 2.0, ROWS / 2.0 - index / COLUMNS - 0.5, 0.0)
	_scene.add_child(node)
	if _cells[index].node == null:
		_cells[index].node = node


func _mesh(mesh: PrimitiveMesh) -> MeshInstance3D:
	var instance := MeshInstance3D.new()
	instance.mesh = mesh
	if mesh is BoxMesh:
		(mesh as BoxMesh).size = Vector3.ONE * 0.8
	return instance


func _csg() -> CSGBox3D:
	var box := CSGBox3D.new()
	box.size = Vector3.ONE * 0.8
	return box


func _multi_mesh() -> MultiMeshInstance3D:
	var instance := MultiMeshInstance3D.new()
	instance.multimesh = MultiMesh.new()
	instance.multimesh.transform_format = MultiMesh.TRANSFORM_3D
	instance.multimesh.mesh = BoxMesh.new()
	(instance.multimesh.mesh as BoxMesh).size = Vector3.ONE * 0.8
	instance.multimesh.instance_count = 1
	instance.multimesh.set_instance_transform(0, Transform3D.IDENTITY)
	return instance


func _grid_map() -> GridMap:
	var grid := GridMap.new()
	grid.mesh_library = MeshLibrary.new()
	grid.mesh_library.create_item(0)
	var box := BoxMesh.new()
	box.size = Vector3.ONE * 0.8
	grid.mesh_library.set_item_mesh(0, box)
	grid.cell_size = Vector3.ONE
	grid.position = -Vector3.ONE * 0.5
	grid.set_cell_item(Vector3i.ZERO, 0)
	return grid


func _sheet(cull: BaseMaterial3D.CullMode, from_behind: bool, transparency := BaseMaterial3D.TRANSPARENCY_DISABLED) -> MeshInstance3D:
	var instance := MeshInstance3D.new()
	instance.mesh = QuadMesh.new()
	(instance.mesh as QuadMesh).size = Vector2.ONE * 0.8
	var material := StandardMaterial3D.new()
	material.cull_mode = cull
	material.transparency = transparency
	material.albedo_color = Color(1.0, 1.0, 1.0, 0.4)
	instance.material_override = material
	if from_behind:
		instance.rotation.y = PI
	return instance


func _fence(alpha: float) -> MeshInstance3D:
	var fence := _sheet(BaseMaterial3D.CULL_BACK, false, BaseMaterial3D.TRANSPARENCY_ALPHA_SCISSOR)
	var image := Image.create(4, 4, false, Image.FORMAT_RGBA8)
	image.fill(Color(1.0, 1.0, 1.0, alpha))
	var material: StandardMaterial3D = fence.material_override
	material.albedo_color = Color.WHITE
	material.albedo_texture = ImageTexture.create_from_image(image)
	return fence


func _shaded(code: String) -> MeshInstance3D:
	var sheet := _sheet(BaseMaterial3D.CULL_BACK, false)
	var material := ShaderMaterial.new()
	material.shader = Shader.new()
	material.shader.code = "shader_type spatial;\n" + code
	sheet.material_override = material
	return sheet


## A sheet that its blend shape brings one metre nearer.
func _blending(weight: float) -> MeshInstance3D:
	var quad := QuadMesh.new()
	quad.size = Vector2.ONE * 0.8
	var arrays := quad.get_mesh_arrays()
	var near := []
	near.resize(Mesh.ARRAY_MAX)
	var vertices: PackedVector3Array = arrays[Mesh.ARRAY_VERTEX].duplicate()
	for i in vertices.size():
		vertices[i].z += 1.0
	near[Mesh.ARRAY_VERTEX] = vertices
	near[Mesh.ARRAY_NORMAL] = arrays[Mesh.ARRAY_NORMAL]
	near[Mesh.ARRAY_TANGENT] = arrays[Mesh.ARRAY_TANGENT]
	var mesh := ArrayMesh.new()
	mesh.add_blend_shape(&"near")
	mesh.blend_shape_mode = Mesh.BLEND_SHAPE_MODE_NORMALIZED
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays, [near])
	var instance := MeshInstance3D.new()
	instance.mesh = mesh
	instance.set_blend_shape_value(0, weight)
	return instance


func _two_surfaces() -> MeshInstance3D:
	var mesh := ArrayMesh.new()
	for z: float in [0.5, 0.0]:
		var quad := QuadMesh.new()
		quad.size = Vector2.ONE * 0.8
		quad.center_offset = Vector3(0.0, 0.0, z)
		mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, quad.get_mesh_arrays())
	var glass := StandardMaterial3D.new()
	glass.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	mesh.surface_set_material(0, glass)
	var instance := MeshInstance3D.new()
	instance.mesh = mesh
	return instance


## A box before another that carries it: the inner one owns the middle.
func _nested() -> Node3D:
	var carrier := _mesh(BoxMesh.new())
	var carried := _mesh(BoxMesh.new())
	carried.position.z = 0.5
	carrier.add_child(carried)
	return carrier
