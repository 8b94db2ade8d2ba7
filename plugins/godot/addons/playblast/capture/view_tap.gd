@tool
class_name PlayblastViewTap
extends CompositorEffect
## Copies what a view has just drawn into arrays that are sent as they are, by a compute shader. Needs a RenderingDevice: Forward+ and Mobile.

## Nothing is copied while `tick` is this.
const NO_TICK := -1
const CONSTANT_BYTES := 32

## The tick that the frame about to be drawn shows.
var tick := NO_TICK

var _device: RenderingDevice
var _shader: RID
var _pipeline: RID
var _sampler: RID
var _buffer: RID
var _buffer_bytes := 0


func _init() -> void:
	effect_callback_type = CompositorEffect.EFFECT_CALLBACK_TYPE_POST_TRANSPARENT
	access_resolved_color = true
	RenderingServer.call_on_render_thread(_build)


## Frees what the tap holds of the device. Not left to its own end, which may come after the device's.
func release() -> void:
	RenderingServer.call_on_render_thread(_free_all)


func _free_all() -> void:
	for resource: RID in [_buffer, _sampler, _shader]:
		if resource.is_valid():
			_device.free_rid(resource)
	_buffer = RID()
	_sampler = RID()
	_shader = RID()
	_pipeline = RID()


func _build() -> void:
	_device = RenderingServer.get_rendering_device()
	var source := RDShaderSource.new()
	source.language = RenderingDevice.SHADER_LANGUAGE_GLSL
	source.source_compute = _source()
	var compiled := _device.shader_compile_spirv_from_source(source)
	if compiled.compile_error_compute != "":
		push_error("Playblast: this device cannot copy planes: ", compiled.compile_error_compute)
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
	if _bytes_of(size) != _buffer_bytes:
		if _buffer.is_valid():
			_device.free_rid(_buffer)
		_buffer_bytes = _bytes_of(size)
		_buffer = _device.storage_buffer_create(_buffer_bytes)
	var bound := UniformSetCacheRD.get_cache(_shader, 0, _uniforms(buffers))
	var groups := _groups_of(size)
	var commands := _device.compute_list_begin()
	_device.compute_list_bind_compute_pipeline(commands, _pipeline)
	_device.compute_list_bind_uniform_set(commands, bound, 0)
	_device.compute_list_set_push_constant(commands, _constants(size, scene), CONSTANT_BYTES)
	_device.compute_list_dispatch(commands, groups.x, groups.y, 1)
	_device.compute_list_end()
	_device.buffer_get_data_async(_buffer, _split.bind(size, tick))


## The compute shader: its push constants are `_constants`.
func _source() -> String:
	return ""


## Bytes of all arrays together for a view of `size`.
func _bytes_of(_size: Vector2i) -> int:
	return 0


## Work groups of a dispatch.
func _groups_of(_size: Vector2i) -> Vector2i:
	return Vector2i.ONE


## CONSTANT_BYTES of push constants.
func _constants(_size: Vector2i, _scene: RenderSceneDataRD) -> PackedByteArray:
	return PackedByteArray()


func _uniforms(_buffers: RenderSceneBuffersRD) -> Array[RDUniform]:
	return []


## Takes the arrays apart and tells them. A render thread of its own may be calling.
func _split(_data: PackedByteArray, _size: Vector2i, _of_tick: int) -> void:
	pass


func _image(binding: int, texture: RID) -> RDUniform:
	var uniform := RDUniform.new()
	uniform.uniform_type = RenderingDevice.UNIFORM_TYPE_SAMPLER_WITH_TEXTURE
	uniform.binding = binding
	uniform.add_id(_sampler)
	uniform.add_id(texture)
	return uniform


func _storage(binding: int, buffer: RID) -> RDUniform:
	var uniform := RDUniform.new()
	uniform.uniform_type = RenderingDevice.UNIFORM_TYPE_STORAGE_BUFFER
	uniform.binding = binding
	uniform.add_id(buffer)
	return uniform
