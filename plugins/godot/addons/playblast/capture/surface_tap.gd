@tool
class_name PlayblastSurfaceTap
extends PlayblastViewTap
## Copies a flat view (PlayblastPlaneCapture's) into three arrays: depth as 16-bit floats, owner ids and surface ids as 16-bit integers.
##
## The view's colour holds a surface id's low and high byte in red and green, as shares of blue, which is what 1.0 came to: each
## renderer scales its colours in its own way. Where blue is 0 there is no surface. A surface's owner is looked up.

## The arrays of a tick: [H, W] 16-bit floats (metres along the view axis, 0 is no surface), [H, W] 16-bit ids, twice.
signal tapped(tick: int, depth: PackedByteArray, owners: PackedByteArray, surfaces: PackedByteArray)

const SHADER := """#version 450
layout(local_size_x = 8, local_size_y = 8, local_size_z = 1) in;
layout(set = 0, binding = 0) uniform sampler2D depth_image;
layout(set = 0, binding = 1) uniform sampler2D colour_image;
layout(set = 0, binding = 2, std430) restrict writeonly buffer Planes { uint words[]; } planes;
layout(set = 0, binding = 3, std430) restrict readonly buffer Owners { uint of_surface[]; } owners;
layout(push_constant, std430) uniform Lens { ivec2 size; float m22; float m32; float m23; uint surfaces; uint pad0; uint pad1; } lens;

// Two pixels a word, so that no two invocations write to one.
void main() {
	ivec2 pair = ivec2(gl_GlobalInvocationID.xy);
	int words_a_row = (lens.size.x + 1) / 2;
	if (pair.x >= words_a_row || pair.y >= lens.size.y) return;
	uint depths = 0u;
	uint owner_ids = 0u;
	uint surface_ids = 0u;
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
		uint surface = bytes.x | bytes.y << 8;
		surface_ids |= surface << (16 * i);
		owner_ids |= (surface < lens.surfaces ? owners.of_surface[surface] : 0u) << (16 * i);
	}
	int word = pair.y * words_a_row + pair.x;
	int words_a_plane = words_a_row * lens.size.y;
	planes.words[word] = depths;
	planes.words[words_a_plane + word] = owner_ids;
	planes.words[2 * words_a_plane + word] = surface_ids;
}
"""
const TILE := 8
const PLANES := 3

var _owners: RID
var _owners_bytes := 0
## How many of them are told.
var _surfaces := 0


func _init() -> void:
	super()
	access_resolved_depth = true


## Says which owner each surface has, by surface ids.
func tell_owners(of_surface: PackedInt32Array) -> void:
	RenderingServer.call_on_render_thread(_keep_owners.bind(of_surface.to_byte_array()))


func _keep_owners(of_surface: PackedByteArray) -> void:
	if of_surface.size() > _owners_bytes:
		if _owners.is_valid():
			_device.free_rid(_owners)
		_owners_bytes = nearest_po2(of_surface.size())
		_owners = _device.storage_buffer_create(_owners_bytes)
	@warning_ignore("integer_division")
	_surfaces = of_surface.size() / 4
	_device.buffer_update(_owners, 0, of_surface.size(), of_surface)


func _free_all() -> void:
	super()
	if _owners.is_valid():
		_device.free_rid(_owners)
	_owners = RID()


func _source() -> String:
	return SHADER


func _bytes_of(size: Vector2i) -> int:
	return ceili(size.x / 2.0) * size.y * 4 * PLANES


func _groups_of(size: Vector2i) -> Vector2i:
	return Vector2i(ceili(ceili(size.x / 2.0) / float(TILE)), ceili(size.y / float(TILE)))


func _constants(size: Vector2i, scene: RenderSceneDataRD) -> PackedByteArray:
	var lens := scene.get_cam_projection()
	var constants := PackedByteArray()
	constants.resize(CONSTANT_BYTES)
	constants.encode_s32(0, size.x)
	constants.encode_s32(4, size.y)
	constants.encode_float(8, lens.z.z)
	constants.encode_float(12, lens.w.z)
	constants.encode_float(16, lens.z.w)
	constants.encode_u32(20, _surfaces)
	return constants


func _uniforms(buffers: RenderSceneBuffersRD) -> Array[RDUniform]:
	return [_image(0, buffers.get_depth_layer(0)), _image(1, buffers.get_color_layer(0)), _storage(2, _buffer), _storage(3, _owners)]


func _split(data: PackedByteArray, size: Vector2i, of_tick: int) -> void:
	@warning_ignore("integer_division")
	var bytes := data.size() / PLANES
	var planes := range(PLANES).map(func(plane: int) -> PackedByteArray:
		var padded := data.slice(plane * bytes, (plane + 1) * bytes)
		return _without_padding(padded, size) if size.x % 2 == 1 else padded)
	tapped.emit.call_deferred(of_tick, planes[0], planes[1], planes[2])


## Rows of an odd width end in half a word.
func _without_padding(padded: PackedByteArray, size: Vector2i) -> PackedByteArray:
	var packed := PackedByteArray()
	for row in size.y:
		var from := row * (size.x + 1) * 2
		packed.append_array(padded.slice(from, from + size.x * 2))
	return packed
