class_name PlayblastPlaneCapture
extends RefCounted
## Reads depth, owner ids, shade and the engine's own picture of one tick, all of that same tick.
##
## Wait for `draw`, then ask for the tick's poses, `camera_message` and `read_planes`: nothing moves between them.

## Depth travels in three digits of six bits, which every renderer's tone mapping keeps apart.
const DIGITS := """
vec3 digits(uint q) {
	return vec3(float((q >> 12u) & 63u), float((q >> 6u) & 63u), float(q & 63u)) / 63.0 * 0.75 + 0.25;
}
vec3 to_linear(vec3 c) {
	return mix(pow((c + 0.055) / 1.055, vec3(2.4)), c / 12.92, lessThanEqual(c, vec3(0.04045)));
}
"""
const DEPTH_SHADER := """shader_type spatial;
render_mode unshaded, cull_back, fog_disabled;
uniform float far_plane;
uniform bool encodes_srgb;
%s
void fragment() {
	float z = clamp(log2(1.0 - VERTEX.z) / log2(1.0 + far_plane), 0.0, 1.0);
	vec3 c = digits(uint(z * 262143.0 + 0.5));
	ALBEDO = encodes_srgb ? to_linear(c) : c;
}
"""
const ID_SHADER := """shader_type spatial;
render_mode unshaded, cull_back, fog_disabled;
instance uniform int owner_id = 0;
uniform bool encodes_srgb;
%s
void fragment() {
	vec3 c = digits(uint(owner_id));
	ALBEDO = encodes_srgb ? to_linear(c) : c;
}
"""
const LARGEST_DIGITS := 262143.0
## Grey of the clay render: bright enough to be precise in 8 bits, dark enough to seldom clip. The Compatibility renderer adds
## each light that casts shadows in sRGB instead of linear light, so its shade comes out brighter than that of the others.
const CLAY := Color(0.62, 0.62, 0.62)

var size: Vector2i
var near := 0.1
var far := 100.0
var _depth: PlayblastAovView
var _ids: PlayblastAovView
var _shade: PlayblastAovView
var _id_format := PlayblastProtocol.PlaneFormat.U8
var _picture: SubViewport
var _picture_camera: Camera3D


## Builds the views under `parent` for the meshes and lights that `reader` found.
func _init(parent: Node, frame_size: Vector2i, source: Camera3D, reader: PlayblastSceneReader) -> void:
	size = frame_size
	near = source.near
	far = source.far
	var encodes_srgb := RenderingServer.get_current_rendering_method() != "gl_compatibility"
	_depth = PlayblastAovView.new(parent, size, 0, _flat_environment(), false)
	_ids = PlayblastAovView.new(parent, size, 1, _flat_environment(), false)
	_shade = PlayblastAovView.new(parent, size, 2, _clay_environment(source), true)
	var depth_material := _shader_material(DEPTH_SHADER, encodes_srgb)
	depth_material.set_shader_parameter("far_plane", far)
	var id_material := _shader_material(ID_SHADER, encodes_srgb)
	var clay := StandardMaterial3D.new()
	clay.albedo_color = CLAY
	clay.roughness = 1.0
	clay.metallic_specular = 0.0
	if reader.owner_count() > 255:
		_id_format = PlayblastProtocol.PlaneFormat.U16
	for light in reader.lights:
		_shade.add_light(light)
	for mesh in reader.meshes:
		_depth.add_proxy(mesh, depth_material, {})
		_ids.add_proxy(mesh, id_material, {"owner_id": reader.owner_of(mesh)})
		_shade.add_proxy(mesh, clay, {})
	_picture = SubViewport.new()
	_picture.size = size
	_picture.render_target_update_mode = SubViewport.UPDATE_ALWAYS
	_picture.msaa_3d = Viewport.MSAA_4X
	_picture.positional_shadow_atlas_size = 2048
	parent.add_child(_picture)
	_picture_camera = Camera3D.new()
	_picture_camera.environment = source.environment
	_picture.add_child(_picture_camera)
	_picture_camera.make_current()


## Draws one frame as the scene stands when rendering begins: after all scripts, animation and physics of that frame.
func draw(source: Camera3D) -> void:
	await RenderingServer.frame_pre_draw
	for view: PlayblastAovView in [_depth, _ids, _shade]:
		view.follow(source)
	PlayblastAovView.aim(_picture_camera, source)
	await RenderingServer.frame_post_draw


## The Camera message of the frame that was drawn last: where its planes were drawn from, and how they project.
func camera_message() -> Dictionary:
	var p := _depth.camera.get_camera_projection()
	var projection := PackedFloat32Array()
	# OpenGL clip space, column-major.
	for column: Vector4 in [p.x, p.y, p.z, p.w]:
		projection.append_array([column.x, column.y, column.z, column.w])
	return {"transform": PlayblastSceneReader.transform_message(_depth.camera.global_transform), "projection": projection}


## Depth, ids, shade and truth of the frame that was drawn last, as Plane messages.
func read_planes() -> Array[Dictionary]:
	return [
		_plane(PlayblastProtocol.PlaneKind.DEPTH, PlayblastProtocol.PlaneFormat.U16, _read_depth()).merged(
			{"depth": {"linear": {"near": near, "far": far}}}),
		_plane(PlayblastProtocol.PlaneKind.OWNER_ID, _id_format, _read_ids()),
		_plane(PlayblastProtocol.PlaneKind.SHADE, PlayblastProtocol.PlaneFormat.U8, _shade.read().get_data()),
		_plane(PlayblastProtocol.PlaneKind.TRUTH, PlayblastProtocol.PlaneFormat.U8, read_picture().get_data()),
	]


## The engine's own picture, RGB, 8 bits a channel.
func read_picture() -> Image:
	var image := _picture.get_texture().get_image()
	image.convert(Image.FORMAT_RGB8)
	return image


## Frees what the capture added to the scene.
func free_views() -> void:
	for view: PlayblastAovView in [_depth, _ids, _shade]:
		view.free_view()
	_picture.queue_free()


func _plane(kind: int, format: int, data: PackedByteArray) -> Dictionary:
	return {
		"kind": kind,
		"format": format,
		"size": {"width": size.x, "height": size.y},
		"row_order": PlayblastProtocol.RowOrder.TOP_FIRST,
		"colour_space": PlayblastProtocol.ColourSpace.SRGB,
		"data": data,
	}


## Linear depth as u16: 0 is no surface, 1..65535 spread over near..far.
func _read_depth() -> PackedByteArray:
	var rgb := _depth.read().get_data()
	var out := PackedByteArray()
	out.resize(size.x * size.y * 2)
	var scale := log(1.0 + far) / LARGEST_DIGITS
	for pixel in size.x * size.y:
		var digits := _digits(rgb, pixel * 3)
		if digits < 0:
			continue
		var z := exp(digits * scale) - 1.0
		out.encode_u16(pixel * 2, clampi(roundi((z - near) / (far - near) * 65535.0), 1, 65535))
	return out


func _read_ids() -> PackedByteArray:
	var rgb := _ids.read().get_data()
	var wide := _id_format == PlayblastProtocol.PlaneFormat.U16
	var out := PackedByteArray()
	out.resize(size.x * size.y * (2 if wide else 1))
	for pixel in size.x * size.y:
		var id := maxi(0, _digits(rgb, pixel * 3))
		if wide:
			out.encode_u16(pixel * 2, id)
		else:
			out[pixel] = id
	return out


## The number in a pixel's three digits; -1 on the background, which is black.
func _digits(rgb: PackedByteArray, at: int) -> int:
	if rgb[at] < 32:
		return -1
	var value := 0
	for channel in 3:
		value = value * 64 + clampi(roundi((rgb[at + channel] / 255.0 - 0.25) / 0.75 * 63.0), 0, 63)
	return value


func _shader_material(code: String, encodes_srgb: bool) -> ShaderMaterial:
	var material := ShaderMaterial.new()
	material.shader = Shader.new()
	material.shader.code = code % DIGITS
	material.set_shader_parameter("encodes_srgb", encodes_srgb)
	return material


func _flat_environment() -> Environment:
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color.BLACK
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_DISABLED
	environment.tonemap_mode = Environment.TONE_MAPPER_LINEAR
	return environment


## The scene's own ambient light on a white background, without tone mapping, glow or fog.
func _clay_environment(source: Camera3D) -> Environment:
	var scene := source.environment if source.environment else source.get_world_3d().environment
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color.WHITE
	environment.tonemap_mode = Environment.TONE_MAPPER_LINEAR
	if scene:
		var from_sky := scene.ambient_light_source == Environment.AMBIENT_SOURCE_SKY or (
			scene.ambient_light_source == Environment.AMBIENT_SOURCE_BG and scene.background_mode == Environment.BG_SKY)
		environment.sky = scene.sky
		environment.ambient_light_source = Environment.AMBIENT_SOURCE_SKY if from_sky else Environment.AMBIENT_SOURCE_COLOR
		environment.ambient_light_color = scene.ambient_light_color
		environment.ambient_light_energy = scene.ambient_light_energy
		environment.ambient_light_sky_contribution = scene.ambient_light_sky_contribution
		environment.reflected_light_source = Environment.REFLECTION_SOURCE_DISABLED
	return environment
