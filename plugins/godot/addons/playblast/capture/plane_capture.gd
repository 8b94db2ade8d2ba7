@tool
class_name PlayblastPlaneCapture
extends Node
## Captures ticks of a scene: poses, camera, lights, depth, owner ids, shade, albedo, surface ids and the engine's own picture, all of one
## moment.
##
## [codeblock]
## var capture := PlayblastPlaneCapture.new(reader, Vector2i(256, 144))
## add_child(capture)
## capture.captured.connect(func(tick: PlayblastCapturedTick) -> void: stream.send({"engine_frame": tick.message}))
## capture.request(0, 0.0, camera)
## [/codeblock]
## What is asked for is drawn with the engine's next frame, as the scene stands after all scripts, animation and physics of
## that frame, and arrives by itself: on Forward+ and Mobile some frames later, without waiting for the device, on
## Compatibility, which can only wait, with the frame. Ticks arrive in the order in which they were asked for.

## A tick is complete.
signal captured(tick: PlayblastCapturedTick)

## Two bytes a pixel in red and green, and 1.0 in blue, which PlayblastSurfaceTap measures them by.
const FLAT_HEAD := "shader_type spatial;\nrender_mode unshaded, fog_disabled, %s;\nuniform int id;\n"
const ID_BYTES := "\tuvec2 bytes = uvec2(uint(id) & 255u, uint(id) >> 8u);\n"
## The bytes of a 16-bit float, low byte first, rounded to the nearest: see PlayblastSurfaceTap. For renderers without a RenderingDevice.
const DEPTH_BYTES := "\tuint half_float = ((floatBitsToUint(clamp(-VERTEX.z, 6.2e-5, 65504.0)) + 0x1000u) >> 13u) - 0x1C000u;\n\tuvec2 bytes = uvec2(half_float & 255u, half_float >> 8u);\n"
const WRITE_BYTES := "\tALBEDO = vec3(vec2(bytes) / 255.0, 1.0);\n"
const WRITE_BYTES_AS_DRAWN := "\tALBEDO = playblast_as_drawn(vec3(vec2(bytes) / 255.0, 1.0));\n"
const CLAY_HEAD := "shader_type spatial;\nrender_mode %s;\nuniform vec3 clay : source_color;\n"
const CLAY_BODY := "\tALBEDO = clay;\n\tROUGHNESS = 1.0;\n\tSPECULAR = 0.0;\n"
## Grey of the clay render: bright enough to be precise in 8 bits, dark enough to seldom clip. The Compatibility renderer adds
## each light that casts shadows in sRGB instead of linear light, so its shade comes out brighter than that of the others.
const CLAY := Color(0.62, 0.62, 0.62)
## Skins, shadows and shaders take some frames to settle.
const WARM_UP_FRAMES := 8
const NO_TICK := PlayblastViewTap.NO_TICK

## The layers of the views, counted from PlayblastAovView.FIRST_LAYER_BIT.
enum Layer { FLAT, OWNERS, SHADE, ALBEDO, SURFACES }

## Size of the planes and of the picture in pixels.
var size: Vector2i
## Also sends the engine's picture in each frame, as a TRUTH plane: for takes without materials, which bring it as a COLOUR plane.
var with_truth := false
## Also captures albedo and surface ids, and sends the engine's picture, as a COLOUR plane. Set before this enters the tree.
var with_materials := false

var _reader: PlayblastSceneReader
## Depth and ids; with a RenderingDevice one view holds them all, else they are one each: depth, owner ids, surface ids.
var _flat: Array[PlayblastAovView] = []
var _shade: PlayblastAovView
## Null without materials.
var _albedo: PlayblastAovView
var _albedo_material: PlayblastAlbedoMaterial
## Null without a RenderingDevice.
var _surface_tap: PlayblastSurfaceTap
var _albedo_tap: PlayblastAlbedoTap
var _picture := SubViewport.new()
var _picture_camera := Camera3D.new()
var _next := NO_TICK
var _next_seconds := 0.0
var _source: Camera3D
var _mirrored_revision := 0
## Drawn, but not complete yet; the oldest first.
var _underway: Array[PlayblastCapturedTick] = []


## Captures what `reader` finds, in frames of `frame_size` pixels.
func _init(reader: PlayblastSceneReader, frame_size: Vector2i) -> void:
	_reader = reader
	size = frame_size
	name = "PlayblastPlaneCapture"


func _enter_tree() -> void:
	var world := _reader.world()
	var flat := _flat_environment()
	var no_id := func(_node: Node3D, _part: int, _surface: int) -> int: return 0
	if RenderingServer.get_rendering_device():
		var ids := PlayblastProxyMaterial.new(FLAT_HEAD, ID_BYTES + WRITE_BYTES, {}, true)
		_flat = [PlayblastAovView.new(self, world, size, Layer.FLAT, ids, _reader.surface_id, flat)]
		_surface_tap = PlayblastSurfaceTap.new()
		_surface_tap.tapped.connect(_take_surfaces)
		_flat[0].tap(_surface_tap)
	else:
		var head := FLAT_HEAD + PlayblastDrawnColour.AS_DRAWN
		var depth := PlayblastProxyMaterial.new(head, DEPTH_BYTES + WRITE_BYTES_AS_DRAWN)
		var ids := PlayblastProxyMaterial.new(head, ID_BYTES + WRITE_BYTES_AS_DRAWN, {}, true)
		var owner_id := func(node: Node3D, _part: int, _surface: int) -> int: return _reader.owner_of(node)
		_flat = [
			PlayblastAovView.new(self, world, size, Layer.FLAT, depth, no_id, flat),
			PlayblastAovView.new(self, world, size, Layer.OWNERS, ids, owner_id, flat),
		]
		if with_materials:
			_flat.append(PlayblastAovView.new(self, world, size, Layer.SURFACES, ids, _reader.surface_id, flat))
	var clay := PlayblastProxyMaterial.new(CLAY_HEAD, CLAY_BODY, {&"clay": CLAY})
	_shade = PlayblastAovView.new(self, world, size, Layer.SHADE, clay, no_id, Environment.new(), true).soften()
	if with_materials:
		_albedo_material = PlayblastAlbedoMaterial.new()
		_albedo = PlayblastAovView.new(self, world, size, Layer.ALBEDO, _albedo_material, no_id, flat).soften()
		if _surface_tap:
			_albedo_tap = PlayblastAlbedoTap.new()
			_albedo_tap.tapped.connect(_take_albedo)
			_albedo.tap(_albedo_tap)
	_picture.size = size
	_picture.world_3d = world
	_picture.render_target_update_mode = SubViewport.UPDATE_DISABLED
	_picture.msaa_3d = Viewport.MSAA_4X
	_picture.positional_shadow_atlas_size = 2048
	add_child(_picture, false, INTERNAL_MODE_FRONT)
	_picture.add_child(_picture_camera)
	_picture_camera.make_current()
	_mirror()
	RenderingServer.frame_pre_draw.connect(_draw)


func _exit_tree() -> void:
	RenderingServer.frame_pre_draw.disconnect(_draw)
	for view in _views():
		view.free_view()
	for tap: PlayblastViewTap in _taps():
		tap.release()
	_reader.release_lights()
	_underway.clear()


## The editor, and games that save power, draw only when something changes; a tick that is underway needs some frames more.
func _process(_delta: float) -> void:
	if is_waiting() or not _underway.is_empty():
		RenderingServer.camera_set_cull_mask(_picture_camera.get_camera_rid(), _picture_camera.cull_mask)


## Asks for a tick, seen by `source`; it is drawn with the next frame. A tick that was asked for and not drawn yet is replaced.
func request(tick: int, seconds: float, source: Camera3D) -> void:
	_next = tick
	_next_seconds = seconds
	_source = source


## Whether a tick that was asked for is not drawn yet.
func is_waiting() -> bool:
	return _next != NO_TICK


## Rises whenever the scene's materials are seen to have changed; not without `with_materials`.
func material_changes() -> int:
	if _albedo_material == null:
		return 0
	_albedo_material.follow()
	return _albedo_material.changes


## Draws some frames for nothing, so that skins, shadows and shaders have settled when the first tick is asked for.
func warm_up(source: Camera3D) -> void:
	for frame in WARM_UP_FRAMES:
		warm(source)
		await get_tree().process_frame


## Draws one of the WARM_UP_FRAMES.
func warm(source: Camera3D) -> void:
	_draw_views(source)


func _views() -> Array[PlayblastAovView]:
	var views := _flat.duplicate()
	views.append(_shade)
	if _albedo:
		views.append(_albedo)
	return views


func _taps() -> Array:
	return [_surface_tap, _albedo_tap].filter(func(tap: PlayblastViewTap) -> bool: return tap != null)


func _draw() -> void:
	for tap: PlayblastViewTap in _taps():
		tap.tick = _next
	if _next == NO_TICK:
		return
	var tick := PlayblastCapturedTick.new()
	tick.tick = _next
	_next = NO_TICK
	if not is_instance_valid(_source) or not _source.is_inside_tree():
		return
	_draw_views(_source)
	tick.drawn_msec = Time.get_ticks_msec()
	tick.message = {
		"tick": tick.tick,
		"time": _next_seconds,
		"camera": _camera_message(),
		"characters": _reader.poses(),
		"objects": _reader.object_poses(),
		"lights": _reader.light_messages(_environment_of(_source), _source.global_position),
	}
	_underway.append(tick)
	if _surface_tap:
		# The pictures, and what the taps bring.
		tick.missing = 2 + _taps().size()
		# On the render thread, behind the drawing of this very frame.
		RenderingServer.frame_post_draw.connect(_read_images.bind(tick.tick), CONNECT_ONE_SHOT)
	else:
		RenderingServer.frame_post_draw.connect(_read_at_once.bind(tick), CONNECT_ONE_SHOT)


func _draw_views(source: Camera3D) -> void:
	_reader.refresh()
	if _reader.revision != _mirrored_revision or _flat[0].mirror.is_outdated():
		_mirror()
	_dress_shade(_environment_of(source))
	for view in _views():
		view.draw(source)
	PlayblastAovView.aim(_picture_camera, source)
	_picture_camera.environment = source.environment
	_picture_camera.attributes = source.attributes
	_picture_camera.compositor = source.compositor
	_picture_camera.cull_mask = source.cull_mask
	_picture.render_target_update_mode = SubViewport.UPDATE_ONCE


func _mirror() -> void:
	_mirrored_revision = _reader.revision
	for view in _views():
		view.mirror.mirror(_reader.surfaces)
	_reader.lend_lights(_shade.layer)
	if _surface_tap:
		_surface_tap.tell_owners(_reader.owners_of_surfaces())


## What the device still owes when Godot quits, it drops after scripts have ended: so it is given method and number only, since a
## lambda or a script's object among what it holds would end Godot with a crash.
func _read_images(tick: int) -> void:
	RenderingServer.call_on_render_thread(func() -> void:
		var device := RenderingServer.get_rendering_device()
		for viewport: SubViewport in [_shade.viewport, _picture]:
			var texture := RenderingServer.texture_get_rd_texture(viewport.get_texture().get_rid())
			device.texture_get_data_async(texture, 0, _take_image.bind(tick, viewport == _picture)))


func _take_image(data: PackedByteArray, of_tick: int, is_picture: bool) -> void:
	var image := Image.create_from_data(size.x, size.y, false, Image.FORMAT_RGBA8, data)
	image.convert(Image.FORMAT_RGB8)
	# A render thread of its own may be calling.
	_keep_image.call_deferred(of_tick, image, is_picture)


func _keep_image(of_tick: int, image: Image, is_picture: bool) -> void:
	var tick := _find_underway(of_tick)
	if tick == null:
		return
	if is_picture:
		tick.picture = image
	else:
		_keep_bytes(tick, PlayblastProtocol.PlaneKind.SHADE, image.get_data())
	_complete(tick)


func _find_underway(of_tick: int) -> PlayblastCapturedTick:
	for tick in _underway:
		if tick.tick == of_tick:
			return tick
	return null


func _take_surfaces(of_tick: int, depth: PackedByteArray, owners: PackedByteArray, surfaces: PackedByteArray) -> void:
	var tick := _find_underway(of_tick)
	if tick:
		_keep_depth(tick, depth)
		_keep_plane(tick, PlayblastProtocol.PlaneKind.OWNER_ID, PlayblastProtocol.PlaneFormat.U16, owners)
		if with_materials:
			_keep_plane(tick, PlayblastProtocol.PlaneKind.SURFACE_ID, PlayblastProtocol.PlaneFormat.U16, surfaces)
		_complete(tick)


func _take_albedo(of_tick: int, colours: PackedByteArray) -> void:
	var tick := _find_underway(of_tick)
	if tick:
		_keep_bytes(tick, PlayblastProtocol.PlaneKind.ALBEDO, colours)
		_complete(tick)


func _read_at_once(tick: PlayblastCapturedTick) -> void:
	_keep_depth(tick, _bytes(_flat[0].viewport, Image.FORMAT_RG8))
	_keep_ids(tick, PlayblastProtocol.PlaneKind.OWNER_ID, _flat[1].viewport, _reader.owner_count())
	_keep_bytes(tick, PlayblastProtocol.PlaneKind.SHADE, _image(_shade.viewport).get_data())
	if with_materials:
		_keep_ids(tick, PlayblastProtocol.PlaneKind.SURFACE_ID, _flat[2].viewport, _reader.surface_count())
		_keep_bytes(tick, PlayblastProtocol.PlaneKind.ALBEDO, _image(_albedo.viewport).get_data())
	tick.picture = _image(_picture)
	tick.missing = 1
	_complete(tick)


func _complete(tick: PlayblastCapturedTick) -> void:
	tick.missing -= 1
	while not _underway.is_empty() and _underway[0].missing == 0:
		var done: PlayblastCapturedTick = _underway.pop_front()
		for kind: PlayblastProtocol.PlaneKind in _picture_kinds():
			_keep_bytes(done, kind, done.picture.get_data())
		done.planes.sort()
		done.message["planes"] = done.planes.values()
		captured.emit(done)


## The planes that the engine's picture is sent as.
func _picture_kinds() -> Array:
	return ([PlayblastProtocol.PlaneKind.COLOUR] if with_materials else []) + ([PlayblastProtocol.PlaneKind.TRUTH] if with_truth else [])


func _keep_depth(tick: PlayblastCapturedTick, depth: PackedByteArray) -> void:
	_keep_plane(tick, PlayblastProtocol.PlaneKind.DEPTH, PlayblastProtocol.PlaneFormat.F16, depth)
	tick.planes[PlayblastProtocol.PlaneKind.DEPTH]["depth"] = {"linear": {}}


## In one byte where all of `count` ids fit.
func _keep_ids(tick: PlayblastCapturedTick, kind: PlayblastProtocol.PlaneKind, viewport: SubViewport, count: int) -> void:
	var wide := count > 255
	_keep_plane(tick, kind, PlayblastProtocol.PlaneFormat.U16 if wide else PlayblastProtocol.PlaneFormat.U8,
		_bytes(viewport, Image.FORMAT_RG8 if wide else Image.FORMAT_R8))


func _keep_bytes(tick: PlayblastCapturedTick, kind: PlayblastProtocol.PlaneKind, data: PackedByteArray) -> void:
	_keep_plane(tick, kind, PlayblastProtocol.PlaneFormat.U8, data)


func _keep_plane(tick: PlayblastCapturedTick, kind: PlayblastProtocol.PlaneKind, format: PlayblastProtocol.PlaneFormat, data: PackedByteArray) -> void:
	tick.planes[kind] = plane_message(kind, format, size, data)


## Where the planes were drawn from, and how they project.
func _camera_message() -> Dictionary:
	var p := _flat[0].camera.get_camera_projection()
	var projection := PackedFloat32Array()
	# OpenGL clip space, column-major.
	for column: Vector4 in [p.x, p.y, p.z, p.w]:
		projection.append_array([column.x, column.y, column.z, column.w])
	return {"transform": PlayblastSceneReader.transform_message(_flat[0].camera.global_transform), "projection": projection}


## A Plane message, [frame_size.y, frame_size.x], top row first, colours in sRGB.
static func plane_message(kind: PlayblastProtocol.PlaneKind, format: PlayblastProtocol.PlaneFormat, frame_size: Vector2i, data: PackedByteArray) -> Dictionary:
	return {
		"kind": kind,
		"format": format,
		"size": {"width": frame_size.x, "height": frame_size.y},
		"row_order": PlayblastProtocol.RowOrder.TOP_FIRST,
		"colour_space": PlayblastProtocol.ColourSpace.SRGB,
		"data": data,
	}


func _image(viewport: SubViewport) -> Image:
	var image := viewport.get_texture().get_image()
	image.convert(Image.FORMAT_RGB8)
	return image


func _bytes(viewport: SubViewport, format: Image.Format) -> PackedByteArray:
	var image := viewport.get_texture().get_image()
	image.convert(format)
	return image.get_data()


func _environment_of(source: Camera3D) -> Environment:
	return source.environment if source.environment else _reader.world().environment


func _flat_environment() -> Environment:
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color.BLACK
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_DISABLED
	environment.tonemap_mode = Environment.TONE_MAPPER_LINEAR
	return environment


## The scene's own ambient light on a white background, without tone mapping, glow or fog.
func _dress_shade(scene: Environment) -> void:
	var environment := _shade.camera.environment
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color.WHITE
	environment.tonemap_mode = Environment.TONE_MAPPER_LINEAR
	if scene == null:
		return
	var from_sky := scene.ambient_light_source == Environment.AMBIENT_SOURCE_SKY or (
		scene.ambient_light_source == Environment.AMBIENT_SOURCE_BG and scene.background_mode == Environment.BG_SKY)
	environment.sky = scene.sky
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_SKY if from_sky else Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = scene.ambient_light_color
	environment.ambient_light_energy = scene.ambient_light_energy
	environment.ambient_light_sky_contribution = scene.ambient_light_sky_contribution
	environment.reflected_light_source = Environment.REFLECTION_SOURCE_DISABLED
