@tool
class_name PlayblastSurfaceTap
extends CompositorEffect
## Copies what a flat view (PlayblastPlaneCapture's) has just drawn into two arrays that are sent as they are: depth as 16-bit
## floats and owner ids as 16-bit integers. Needs a RenderingDevice: Forward+ and Mobile.
##
## The view's colour holds an id's low and high byte in red and green, as shares of blue, which is what 1.0 came to: each
## renderer scales its colours in its own way. Where blue is 0 there is no surface.

## Both arrays of a tick: [H, W] 16-bit floats (metres along the view axis, 0 is no surface), [H, W] 16-bit ids.
signal tapped(tick: int, depth: PackedByteArray, ids: PackedByteArray)

## Nothing is copied while `tick` is this.
const NO_TICK := -1

const SHADER := """#version 450
layout(local_size_x = 8, local_size_y = 8, local_size_z = 1) in;
layout(set = 0, binding = 0) uniform sampler2D depth_image;
layout(set = 0, binding = 1) uniform sampler2D colour_image;
layout(set = 0, binding = 2, std430) restrict writeonly buffer Planes { uint words[]; } planes;
layout(push_constant, std430) uniform Lens { ivec2 size; float m22; float m32; float m23; uint pad0; uint pad1; uint pad2; } lens;

// Two pixels a word, so that no two invocations write to one.
void main() {
	ivec2 pair = ivec2(gl_GlobalInvocationID.xy);
	int words_a_row = (lens.size.x + 1) / 2;
	if (pair.x >= words_a_row || pair.y >= lens.size.y) return;
	uint depths = 0u;
	uint ids = 0u;
	for (int i = 0; i < 2; i++) {
		ivec2 at = ivec2(min(pair.x * 2 + i, lens.size.x - 1), pair.y);
		vec4 colour = texelFetch(colour_image, at, 0);
		if (colour.b < 0.05) continue;
		// Reversed: 1 is near. A perspective's w is -z, an orthographic's 1.
		float d = texelFetch(depth_image, at, 0).r;
		float depth = lens.m23 != 0.0 ? lens.m32 / (d + lens.m22) : (lens.m32 - d) / lens.m22;
		// As a 16-bit float, rounded to the nearest by hand: packHalf2x16 cuts off on some devices. Exponents differ by 112.
		depths |= (((floatBitsToUint(clamp(depth, 6.2e-5, 65504.0)) + 0x1000u) >> 13) - 0x1C000u) << (16 * i);
		uvec2 bytes = uvec2(colour.rg / colour.b * 255.0 + 0.5);
		ids |= (bytes.x | bytes.y << 8) << (16 * i);
	}
	int word = pair.y * words_a_row + pair.x;
	planes.words[word] = depths;
	planes.words[words_a_row * lens.size.y + word] = ids;
}
"""
const TILE := 8

## The tick that the frame about to be drawn shows.
var tick := NO_TICK

var _device: RenderingDevice
var _shader: RID
var _pipeline: RID
var _sampler: RID
var _buffer: RID
var _buffer_size := Vector2i.ZERO


func _init() -> void:
	effect_callback_type = CompositorEffect.EFFECT_CALLBACK_TYPE_POST_TRANSPARENT
	access_resolved_color = true
	access_resolved_depth = true
	RenderingServer.call_on_render_thread(_build)


## Frees what the tap holds of the device. Not left to its own end, which may come after the device's.
func release() -> void:
	RenderingServer.call_on_render_thread(func() -> void:
		for resource: RID in [_buffer, _sampler, _shader]:
			if resource.is_valid():
				_device.free_rid(resource)
		_buffer = RID()
		_sampler = RID()
		_shader = RID()
		_pipeline = RID())


func _build() -> void:
	_device = RenderingServer.get_rendering_device()
	var source := RDShaderSource.new()
	source.language = RenderingDevice.SHADER_LANGUAGE_GLSL
	source.source_compute = SHADER
	var compiled := _device.shader_compile_spirv_from_source(source)
	if compiled.compile_error_compute != "":
		push_error("Playblast: this device cannot copy depth: ", compiled.compile_error_compute)
		return
	_shader = _device.shader_create_from_spirv(compiled)
	_pipeline = _device.compute_pipeline_create(_shader)
	var nearest := RDSamplerState.new()
	nearest.min_filter = RenderingDevice.SAMPLER_FILTER_NEAREST
	nearest.mag_filter = RenderingDevice.SAMPLER_FILTER_NEAREST
	_sampler = _device.sampler_create(nearest)


func _render_callback(_type: int, render: RenderData) -> void:
	if tick == NO_TICK or not _pipeline.is_valid():
		return
	var buffers := render.get_render_scene_buffers() as RenderSceneBuffersRD
	var scene := render.get_render_scene_data() as RenderSceneDataRD
	if buffers == null or scene == null:
		return
	var size := buffers.get_internal_size()
	if size.x <= 0 or size.y <= 0:
		return
	var words_a_row := ceili(size.x / 2.0)
	if size != _buffer_size:
		if _buffer.is_valid():
			_device.free_rid(_buffer)
		_buffer = _device.storage_buffer_create(words_a_row * size.y * 8)
		_buffer_size = size
	var lens := scene.get_cam_projection()
	var constants := PackedByteArray()
	constants.resize(32)
	constants.encode_s32(0, size.x)
	constants.encode_s32(4, size.y)
	constants.encode_float(8, lens.z.z)
	constants.encode_float(12, lens.w.z)
	constants.encode_float(16, lens.z.w)
	var planes := RDUniform.new()
	planes.uniform_type = RenderingDevice.UNIFORM_TYPE_STORAGE_BUFFER
	planes.binding = 2
	planes.add_id(_buffer)
	var bound := UniformSetCacheRD.get_cache(_shader, 0, [
		_image(0, buffers.get_depth_layer(0)), _image(1, buffers.get_color_layer(0)), planes])
	var commands := _device.compute_list_begin()
	_device.compute_list_bind_compute_pipeline(commands, _pipeline)
	_device.compute_list_bind_uniform_set(commands, bound, 0)
	_device.compute_list_set_push_constant(commands, constants, constants.size())
	_device.compute_list_dispatch(commands, ceili(words_a_row / float(TILE)), ceili(size.y / float(TILE)), 1)
	_device.compute_list_end()
	_device.buffer_get_data_async(_buffer, _split.bind(size, tick))


func _image(binding: int, texture: RID) -> RDUniform:
	var uniform := RDUniform.new()
	uniform.uniform_type = RenderingDevice.UNIFORM_TYPE_SAMPLER_WITH_TEXTURE
	uniform.binding = binding
	uniform.add_id(_sampler)
	uniform.add_id(texture)
	return uniform


func _split(data: PackedByteArray, size: Vector2i, of_tick: int) -> void:
	@warning_ignore("integer_division")
	var half := data.size() / 2
	var depth := data.slice(0, half)
	var ids := data.slice(half)
	if size.x % 2 == 1:
		depth = _without_padding(depth, size)
		ids = _without_padding(ids, size)
	# A render thread of its own may be calling.
	tapped.emit.call_deferred(of_tick, depth, ids)


## Rows of an odd width end in half a word.
func _without_padding(padded: PackedByteArray, size: Vector2i) -> PackedByteArray:
	var packed := PackedByteArray()
	for row in size.y:
		var from := row * (size.x + 1) * 2
		packed.append_array(padded.slice(from, from + size.x * 2))
	return packed
