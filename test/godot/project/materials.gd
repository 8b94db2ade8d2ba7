extends SceneTree
## Captures albedo and surface ids of every kind of material, each in a cell of its own, and holds them against what the documentation says:
## `godot --rendering-method METHOD --script res://materials.gd`.

const COLUMNS := 10
const ROWS := 5
## Pixels of a cell, which is one metre.
const CELL := 40
const SIZE := Vector2i(COLUMNS, ROWS) * CELL
const EYE := 10.0
const WALL := Color8(60, 90, 200)
## Codes from 0 to 255 that a colour may be off by.
const CODES := 1
## Mobile draws in ten bits of linear light, in which dark codes lie closer than its steps.
const CODES_OF_DARK_ON_MOBILE := 3
const DARK := 32
## What the engine's pictures make of dark codes: Mobile's have half as many steps, Compatibility's come out darker.
const CODES_OF_PICTURE: Dictionary[String, int] = {"forward_plus": 1, "mobile": 6, "gl_compatibility": 7}
const NO_COLOUR := Color(0, 0, 0, 0)

var _report := Report.new()
var _scene := Node3D.new()
var _camera := Camera3D.new()
## By cell: a title, its node, the code wanted in its middle, and the node, part and number of the surface that is seen there.
var _cells: Array[Dictionary] = []
var _wall := MeshInstance3D.new()


func _initialize() -> void:
	root.add_child(_scene)
	_run.call_deferred()


func _run() -> void:
	print("renderer: %s" % RenderingServer.get_current_rendering_method())
	_camera.set_orthogonal(ROWS, 0.1, 50.0)
	_camera.position.z = EYE
	_camera.environment = _foggy()
	_scene.add_child(_camera)
	_camera.make_current()
	_light()
	_build()
	var reader := PlayblastSceneReader.new(_scene)
	var capture := PlayblastPlaneCapture.new(reader, SIZE)
	capture.with_materials = true
	_scene.add_child(capture)
	await process_frame
	await capture.warm_up(_camera)
	var ids := await _check(capture, reader, 0, "at first")
	_change()
	await process_frame
	await process_frame
	var ids_later := await _check(capture, reader, 1, "after changes")
	_report.check(ids == ids_later, "surfaces keep their ids", [ids, ids_later])
	capture.queue_free()
	await process_frame
	await _check_edges()
	quit(_report.finish())


func _check(capture: PlayblastPlaneCapture, reader: PlayblastSceneReader, tick: int, when: String) -> PackedInt32Array:
	var planes := await _capture(capture, tick)
	var ids := PackedInt32Array()
	for index in _cells.size():
		var cell := _cells[index]
		@warning_ignore("integer_division")
		var pixel := Vector2i(index % COLUMNS, index / COLUMNS) * CELL + Vector2i.ONE * (CELL / 2)
		var at := pixel.y * SIZE.x + pixel.x
		var albedo: PackedByteArray = planes[PlayblastProtocol.PlaneKind.ALBEDO].data.slice(at * 3, at * 3 + 3)
		var wanted: Color = cell.code
		var off := 0
		for channel in 3:
			off = maxi(off, absi(albedo[channel] - roundi(wanted[channel] * 255.0)) - _codes(roundi(wanted[channel] * 255.0)))
		_report.check(off <= 0, "%s: %s has its albedo" % [when, cell.title], "%s, not %s" % [albedo, [wanted.r8, wanted.g8, wanted.b8]])
		var id := _id_at(planes[PlayblastProtocol.PlaneKind.SURFACE_ID], at)
		var wanted_id: int = reader.surface_id.callv(cell.surface) if cell.surface else 0
		_report.check(id == wanted_id, "%s: %s has its surface id" % [when, cell.title], "%d, not %d" % [id, wanted_id])
		ids.append(id)
	var distinct := {}
	for id in ids:
		distinct[id] = true
	_report.check(distinct.size() > 30, "%s: surfaces differ" % when, distinct.size())
	var colour: PackedByteArray = planes[PlayblastProtocol.PlaneKind.COLOUR].data
	_report.check(colour.size() == SIZE.x * SIZE.y * 3, "%s: the engine's picture comes as a plane" % when, colour.size())
	return ids


func _codes(wanted: int) -> int:
	return CODES_OF_DARK_ON_MOBILE if RenderingServer.get_current_rendering_method() == "mobile" and wanted < DARK else CODES


func _capture(capture: PlayblastPlaneCapture, tick: int) -> Dictionary:
	capture.request(tick, 0.0, _camera)
	var captured: PlayblastCapturedTick = await capture.captured
	var planes := {}
	for plane: Dictionary in captured.message.planes:
		planes[plane.kind] = plane
	return planes


func _id_at(plane: Dictionary, at: int) -> int:
	return plane.data[at] if plane.format == PlayblastProtocol.PlaneFormat.U8 else plane.data.decode_u16(at * 2)


func _build() -> void:
	for code: int in [0, 3, 12, 31, 60, 128, 254]:
		_cell("code %d" % code, _sheet(_coloured(Color8(code, code, code))))
	_cell("a colour", _sheet(_coloured(Color8(200, 20, 90))))
	_cell("no material", _sheet(null), Color.WHITE)
	_cell("a metal", _sheet(_made(Color8(200, 150, 40), {"metallic": 1.0, "roughness": 0.1})))
	_cell("a texture times a colour", _sheet(_made(Color8(255, 128, 255), {"albedo_texture": _flat(Color8(200, 200, 30))})), _times(Color8(200, 200, 30), Color8(255, 128, 255)))
	# The middle of the sheet is the texture's (0.5, 0.5) * 0.4 + 0.5 = 0.7: its right lower quarter.
	_cell("a texture that is scaled and moved", _sheet(_made(Color.WHITE, {"albedo_texture": _quarters(), "uv1_scale": Vector3.ONE * 0.4, "uv1_offset": Vector3.ONE * 0.5})), Color8(40, 50, 60))
	_cell("a triplanar texture", _sheet(_made(Color.WHITE, {"albedo_texture": _quarters(), "uv1_triplanar": true, "uv1_offset": Vector3(0.25, 0.25, 0.0)})), Color8(1, 2, 240))
	var in_world := _made(Color.WHITE, {"albedo_texture": _quarters(), "uv1_triplanar": true, "uv1_world_triplanar": true})
	in_world.uv1_scale = Vector3.ONE * 0.01
	in_world.uv1_offset = Vector3(0.75, 0.75, 0.0)
	_cell("a texture triplanar in the world", _sheet(in_world), Color8(220, 110, 5))
	_cell("vertex colours", _tinted(Color8(90, 160, 30), true), Color8(90, 160, 30))
	_cell("a detail", _sheet(_made(Color8(100, 100, 100), {"detail_enabled": true, "detail_albedo": _flat(Color8(30, 200, 30))})), Color8(30, 200, 30))
	_cell("emission", _sheet(_glowing(Color8(40, 40, 40), Color8(0, 100, 0), 1.0)), _plus(Color8(40, 40, 40), Color8(0, 100, 0)))
	_cell("emission beyond 1", _sheet(_glowing(Color8(40, 40, 40), Color.WHITE, 3.0)), Color.WHITE)
	var screen := _glowing(Color.BLACK, Color.BLACK, 1.0)
	screen.emission_texture = _quarters()
	screen.uv1_scale = Vector3.ONE * 0.4
	screen.uv1_offset = Vector3.ONE * 0.5
	_cell("an emission texture", _sheet(screen), Color8(40, 50, 60))
	var mask := _glowing(Color.BLACK, Color8(255, 255, 255), 1.0)
	mask.emission_operator = BaseMaterial3D.EMISSION_OP_MULTIPLY
	mask.emission_texture = _flat(Color8(120, 80, 200))
	_cell("emission times its texture", _sheet(mask), Color8(120, 80, 200))
	var unlit := _glowing(Color8(40, 40, 40), Color8(0, 100, 0), 1.0)
	unlit.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	_cell("an unshaded material, which has no emission", _sheet(unlit), Color8(40, 40, 40))
	var orm := ORMMaterial3D.new()
	orm.albedo_color = Color8(77, 150, 220)
	_cell("an ORM material", _sheet(orm), Color8(77, 150, 220))
	_cell("a fence where it is solid", _sheet(_fence(1.0)), Color8(150, 75, 20))
	_cell("a fence where it is open", _sheet(_fence(0.0)), WALL, _wall)
	_cell("glass", _sheet(_made(Color(1.0, 1.0, 1.0, 0.4), {"transparency": BaseMaterial3D.TRANSPARENCY_ALPHA})), WALL, _wall)
	_build_own()
	_build_kinds()
	(_wall.mesh as QuadMesh).size = Vector2(40.0, 20.0)
	_wall.position.z = -2.0
	_wall.material_override = _coloured(WALL)
	_scene.add_child(_wall)


## Users' own shaders.
func _build_own() -> void:
	var tint := "uniform vec3 tint : source_color;\n"
	_cell("a shader", _own(tint + "void fragment() { ALBEDO = tint; }", {"tint": Color8(150, 60, 20)}), Color8(150, 60, 20))
	_cell("a metal's shader that glows", _own(tint + "uniform vec3 glow : source_color;\nvoid fragment() { ALBEDO = tint; METALLIC = 1.0; EMISSION = glow; }",
		{"tint": Color8(150, 60, 20), "glow": Color8(0, 0, 90)}), _plus(Color8(150, 60, 20), Color8(0, 0, 90)))
	_cell("a shader with braces and comments", _own("render_mode diffuse_toon, cull_disabled;\n" + tint + "void fragment() { ALBEDO = tint; /* } */ if (tint.r > 0.0) { METALLIC = 0.5; } // }\n} // }",
		{"tint": Color8(50, 60, 20)}), Color8(50, 60, 20))
	_cell("a shader with an include", _own("#include \"res://tint.gdshaderinc\"\nvoid fragment() { ALBEDO = tinted(); }", {"tint": Color8(250, 60, 20)}), Color8(250, 60, 20))
	_cell("a shader with a light function", _own(tint + "void fragment() { ALBEDO = tint; }\nvoid light() { DIFFUSE_LIGHT += vec3(9.0); }", {"tint": Color8(50, 160, 20)}), Color8(50, 160, 20))
	_cell("a shader that moves vertices", _own(tint + "varying float high;\nvoid vertex() { high = 1.0; VERTEX += vec3(0.0, 7.0, 0.0); }\nvoid fragment() { ALBEDO = tint * high; }",
		{"tint": Color8(50, 160, 200)}), Color8(50, 160, 200))
	_cell("an unshaded shader", _own("render_mode unshaded, fog_disabled;\n" + tint + "void fragment() { ALBEDO = tint; EMISSION = vec3(1.0); }", {"tint": Color8(33, 44, 200)}), Color8(33, 44, 200))
	_cell("a shader with a texture", _own("uniform sampler2D image : source_color, filter_nearest;\nvoid fragment() { ALBEDO = texture(image, UV * 0.4 + 0.5).rgb; }", {"image": _quarters()}), Color8(40, 50, 60))
	_cell("water of a shader that writes ALPHA", _own("void fragment() { ALBEDO = vec3(0.1); ALPHA = 0.5; }", {}), WALL, _wall)
	var own_value := _own("instance uniform vec3 tint : source_color;\nvoid fragment() { ALBEDO = tint; }", {})
	own_value.set_instance_shader_parameter(&"tint", Color8(9, 200, 150))
	_cell("a shader with a value an instance", own_value, Color8(9, 200, 150))
	_cell("a shader without fragment()", _own("void vertex() { }", {}), Color.WHITE)


## Kinds of nodes, and meshes of several surfaces.
func _build_kinds() -> void:
	var csg := CSGBox3D.new()
	csg.size = Vector3.ONE * 0.8
	csg.material = _coloured(Color8(99, 44, 120))
	_cell("CSG", csg, Color8(99, 44, 120))
	var many := MultiMeshInstance3D.new()
	many.multimesh = MultiMesh.new()
	many.multimesh.transform_format = MultiMesh.TRANSFORM_3D
	many.multimesh.use_colors = true
	many.multimesh.mesh = BoxMesh.new()
	(many.multimesh.mesh as BoxMesh).size = Vector3.ONE * 0.8
	(many.multimesh.mesh as BoxMesh).material = _made(Color.WHITE, {"vertex_color_use_as_albedo": true, "vertex_color_is_srgb": true})
	many.multimesh.instance_count = 1
	many.multimesh.set_instance_transform(0, Transform3D.IDENTITY)
	many.multimesh.set_instance_color(0, Color8(140, 30, 60))
	_cell("MultiMesh with a colour an instance", many, Color8(140, 30, 60))
	var grid := GridMap.new()
	grid.mesh_library = MeshLibrary.new()
	for item in 2:
		grid.mesh_library.create_item(item)
		var box := BoxMesh.new()
		box.size = Vector3.ONE * 0.8
		box.material = _coloured(Color8(10, 99, 200) if item == 1 else Color.BLACK)
		grid.mesh_library.set_item_mesh(item, box)
	grid.cell_size = Vector3.ONE
	grid.position = -Vector3.ONE * 0.5
	grid.set_cell_item(Vector3i.ZERO, 1)
	grid.set_cell_item(Vector3i(0, 0, -5), 0)
	_cell("GridMap", grid, Color8(10, 99, 200), grid, 1)
	_cell("a mesh of two surfaces, the second in front", _two_surfaces(), Color8(5, 250, 120), null, 0, 1)
	var dressed := _two_surfaces()
	dressed.set_surface_override_material(1, _coloured(Color8(250, 5, 120)))
	_cell("a surface with an override", dressed, Color8(250, 5, 120), null, 0, 1)
	var overridden := _two_surfaces()
	overridden.material_override = _coloured(Color8(250, 120, 5))
	_cell("two surfaces with one override", overridden, Color8(250, 120, 5), null, 0, 1)
	# What changes later: see _change.
	_cell("a colour that is animated", _sheet(_coloured(Color8(200, 20, 90))))
	_cell("emission that is switched on", _sheet(_glowing(Color8(40, 40, 40), Color8(0, 100, 0), 0.0)), Color8(40, 40, 40))
	_cell("a material that is exchanged", _sheet(_coloured(Color8(20, 20, 90))))
	_cell("a parameter that is animated", _own("uniform vec3 tint : source_color;\nvoid fragment() { ALBEDO = tint; }", {"tint": Color8(150, 60, 20)}), Color8(150, 60, 20))
	_cell("a shader that is exchanged", _own("void fragment() { ALBEDO = vec3(0.0); }", {}), Color.BLACK)


func _change() -> void:
	for cell in _cells:
		var sheet := cell.node as MeshInstance3D
		match cell.title:
			"a colour that is animated":
				sheet.material_override.albedo_color = Color8(20, 220, 90)
				cell.code = Color8(20, 220, 90)
			"emission that is switched on":
				sheet.material_override.emission_energy_multiplier = 1.0
				cell.code = _plus(Color8(40, 40, 40), Color8(0, 100, 0))
			"a material that is exchanged":
				sheet.material_override = _coloured(Color8(120, 20, 90))
				cell.code = Color8(120, 20, 90)
			"a parameter that is animated":
				sheet.material_override.set_shader_parameter(&"tint", Color8(15, 60, 220))
				cell.code = Color8(15, 60, 220)
			"a shader that is exchanged":
				var other := Shader.new()
				other.code = "shader_type spatial;\nvoid fragment() { ALBEDO = vec3(1.0); }"
				sheet.material_override.shader = other
				cell.code = Color.WHITE


## Albedo's edges are as soft as the picture's: of things that have no light the two are one, along every edge.
func _check_edges() -> void:
	_scene.free()
	_scene = Node3D.new()
	root.add_child(_scene)
	_camera = Camera3D.new()
	_camera.position.z = 4.0
	_camera.environment = Environment.new()
	_camera.environment.background_mode = Environment.BG_COLOR
	_camera.environment.background_color = Color.BLACK
	_scene.add_child(_camera)
	_camera.make_current()
	var patterned := {"shading_mode": BaseMaterial3D.SHADING_MODE_UNSHADED, "albedo_texture": _quarters(), "uv1_triplanar": true, "uv1_scale": Vector3.ONE * 3.0,
		"texture_filter": BaseMaterial3D.TEXTURE_FILTER_LINEAR, "vertex_color_use_as_albedo": true, "detail_enabled": true, "detail_albedo": _quarters(),
		"detail_mask": _quarters(), "detail_blend_mode": BaseMaterial3D.BLEND_MODE_MUL}
	for i in 12:
		var box := _tinted(Color8(90, 160, 230), i % 2 == 0)
		var properties := {"shading_mode": BaseMaterial3D.SHADING_MODE_UNSHADED} if i % 3 else patterned.merged({"vertex_color_is_srgb": i % 2 == 0})
		box.material_override = _made(Color.from_hsv(i / 12.0, 0.5, 0.9), properties)
		box.position = Vector3(i % 4 - 1.5, i / 4.0 - 1.5, -i * 0.1)
		box.rotation = Vector3(0.3, 0.2, i * 0.4 + 0.2)
		_scene.add_child(box)
	var capture := PlayblastPlaneCapture.new(PlayblastSceneReader.new(_scene), SIZE)
	capture.with_materials = true
	_scene.add_child(capture)
	await capture.warm_up(_camera)
	var planes := await _capture(capture, 0)
	var albedo: PackedByteArray = planes[PlayblastProtocol.PlaneKind.ALBEDO].data
	var picture: PackedByteArray = planes[PlayblastProtocol.PlaneKind.COLOUR].data
	var worst := 0
	var between := {}
	for i in albedo.size():
		worst = maxi(worst, absi(albedo[i] - picture[i]))
		if i % 3 == 0:
			between[albedo.slice(i, i + 3).hex_encode()] = true
	_report.check(worst <= CODES_OF_PICTURE[RenderingServer.get_current_rendering_method()], "albedo is the picture of what has no light, along all edges", worst)
	_report.check(between.size() > 50, "edges are soft", between.size())
	print("edges: off by at most %d codes" % worst)
	_camera.rotation.y = PI
	planes = await _capture(capture, 1)
	for kind: int in [PlayblastProtocol.PlaneKind.ALBEDO, PlayblastProtocol.PlaneKind.SURFACE_ID]:
		var data: PackedByteArray = planes[kind].data
		_report.check(data.count(0) == data.size(), "plane %d is 0 where there is nothing" % kind, data.count(0))
	capture.queue_free()
	await process_frame


## A cell whose middle shows `code`, of surface `surface` of `part` of `seen`, which is the cell's node by default.
func _cell(title: String, node: Node3D, code := NO_COLOUR, seen: Node3D = null, part := 0, surface := 0) -> void:
	if code == NO_COLOUR:
		code = (node as MeshInstance3D).material_override.albedo_color
	var index := _cells.size()
	_cells.append({"title": title, "node": node, "code": code, "surface": [seen if seen else node, part, surface]})
	@warning_ignore("integer_division")
	node.position += Vector3(index % COLUMNS + 0.5 - COLUMNS / 2.0, ROWS / 2.0 - index / COLUMNS - 0.5, 0.0)
	_scene.add_child(node)


## Light and fog that albedo knows nothing of.
func _light() -> void:
	_wall.mesh = QuadMesh.new()
	var sun := DirectionalLight3D.new()
	sun.shadow_enabled = true
	sun.rotation = Vector3(-0.6, 0.4, 0.0)
	_scene.add_child(sun)
	var lamp := OmniLight3D.new()
	lamp.position.z = 2.0
	lamp.light_color = Color.RED
	_scene.add_child(lamp)


func _foggy() -> Environment:
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color.GREEN
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = Color.WHITE
	environment.fog_enabled = true
	environment.fog_density = 0.5
	environment.tonemap_mode = Environment.TONE_MAPPER_FILMIC
	return environment


func _sheet(material: Material) -> MeshInstance3D:
	var instance := MeshInstance3D.new()
	instance.mesh = QuadMesh.new()
	(instance.mesh as QuadMesh).size = Vector2.ONE * 0.8
	instance.material_override = material
	return instance


func _coloured(colour: Color) -> StandardMaterial3D:
	return _made(colour, {})


func _made(colour: Color, properties: Dictionary) -> StandardMaterial3D:
	var material := StandardMaterial3D.new()
	material.albedo_color = colour
	material.texture_filter = BaseMaterial3D.TEXTURE_FILTER_NEAREST
	for property: String in properties:
		material.set(property, properties[property])
	return material


func _glowing(colour: Color, emission: Color, energy: float) -> StandardMaterial3D:
	return _made(colour, {"emission_enabled": true, "emission": emission, "emission_energy_multiplier": energy})


func _fence(alpha: float) -> StandardMaterial3D:
	return _made(Color.WHITE, {"transparency": BaseMaterial3D.TRANSPARENCY_ALPHA_SCISSOR, "albedo_texture": _flat(Color(Color8(150, 75, 20), alpha))})


func _own(code: String, parameters: Dictionary) -> MeshInstance3D:
	var material := ShaderMaterial.new()
	material.shader = Shader.new()
	material.shader.code = "shader_type spatial;\n" + code
	for parameter: String in parameters:
		material.set_shader_parameter(parameter, parameters[parameter])
	return _sheet(material)


func _flat(colour: Color) -> ImageTexture:
	var image := Image.create(4, 4, false, Image.FORMAT_RGBA8)
	image.fill(colour)
	return ImageTexture.create_from_image(image)


## Another colour in each quarter: left upper, right upper, left lower, right lower.
func _quarters() -> ImageTexture:
	var image := Image.create(2, 2, false, Image.FORMAT_RGBA8)
	image.set_pixel(0, 0, Color8(10, 200, 30))
	image.set_pixel(1, 0, Color8(220, 110, 5))
	image.set_pixel(0, 1, Color8(1, 2, 240))
	image.set_pixel(1, 1, Color8(40, 50, 60))
	return ImageTexture.create_from_image(image)


func _tinted(colour: Color, is_srgb: bool) -> MeshInstance3D:
	var quad := QuadMesh.new()
	quad.size = Vector2.ONE * 0.8
	var arrays := quad.get_mesh_arrays()
	var colours := PackedColorArray()
	colours.resize((arrays[Mesh.ARRAY_VERTEX] as PackedVector3Array).size())
	colours.fill(colour)
	arrays[Mesh.ARRAY_COLOR] = colours
	var instance := _sheet(_made(Color.WHITE, {"vertex_color_use_as_albedo": true, "vertex_color_is_srgb": is_srgb}))
	instance.mesh = ArrayMesh.new()
	(instance.mesh as ArrayMesh).add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	return instance


func _two_surfaces() -> MeshInstance3D:
	var mesh := ArrayMesh.new()
	for z: float in [0.0, 0.5]:
		var quad := QuadMesh.new()
		quad.size = Vector2.ONE * 0.8
		quad.center_offset = Vector3(0.0, 0.0, z)
		mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, quad.get_mesh_arrays())
	mesh.surface_set_material(0, _coloured(Color.BLACK))
	mesh.surface_set_material(1, _coloured(Color8(5, 250, 120)))
	var instance := MeshInstance3D.new()
	instance.mesh = mesh
	return instance


## Colours multiply as the renderer has them: Compatibility in sRGB, the others in linear light.
func _times(a: Color, b: Color) -> Color:
	if RenderingServer.get_rendering_device() == null:
		return a * b
	return (a.srgb_to_linear() * b.srgb_to_linear()).linear_to_srgb()


## Light adds up in linear light.
func _plus(a: Color, b: Color) -> Color:
	return (a.srgb_to_linear() + b.srgb_to_linear()).linear_to_srgb()
