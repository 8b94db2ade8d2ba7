@tool
class_name PlayblastAlbedoTap
extends PlayblastViewTap
## Copies a view of linear light, before anything is done to its colours, into [H, W, 3] sRGB bytes.
##
## Not left to the engine, which takes what Mobile keeps for half of a colour: see PlayblastAlbedoShader.tail.

## The bytes of a tick, [H, W, 3].
signal tapped(tick: int, colours: PackedByteArray)

const SHADER := """#version 450
layout(local_size_x = 64, local_size_y = 1, local_size_z = 1) in;
layout(set = 0, binding = 0) uniform sampler2D colour_image;
layout(set = 0, binding = 1, std430) restrict writeonly buffer Colours { uint words[]; } colours;
layout(push_constant, std430) uniform View { ivec2 size; uint pad0; uint pad1; uint pad2; uint pad3; uint pad4; uint pad5; } view;

// Four pixels are three words, so that no two invocations write to one.
void main() {
	int first = int(gl_GlobalInvocationID.x) * 4;
	int pixels = view.size.x * view.size.y;
	if (first >= pixels) return;
	uint words[3] = uint[](0u, 0u, 0u);
	for (int i = 0; i < 4; i++) {
		int pixel = min(first + i, pixels - 1);
		vec3 light = clamp(texelFetch(colour_image, ivec2(pixel % view.size.x, pixel / view.size.x), 0).rgb, 0.0, 1.0);
		vec3 code = mix(1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, 12.92 * light, lessThan(light, vec3(0.0031308)));
		uvec3 bytes = uvec3(code * 255.0 + 0.5);
		for (int channel = 0; channel < 3; channel++) {
			int at = i * 3 + channel;
			words[at / 4] |= bytes[channel] << (8 * (at % 4));
		}
	}
	for (int word = 0; word < 3; word++)
		colours.words[first / 4 * 3 + word] = words[word];
}
"""
const GROUP := 64
const PIXELS_AN_INVOCATION := 4
const WORDS_AN_INVOCATION := 3

func _source() -> String:
	return SHADER


static func _invocations(size: Vector2i) -> int:
	return ceili(size.x * size.y / float(PIXELS_AN_INVOCATION))


func _bytes_of(size: Vector2i) -> int:
	return _invocations(size) * WORDS_AN_INVOCATION * 4


func _groups_of(size: Vector2i) -> Vector2i:
	return Vector2i(ceili(_invocations(size) / float(GROUP)), 1)


func _constants(size: Vector2i, _scene: RenderSceneDataRD) -> PackedByteArray:
	var constants := PackedByteArray()
	constants.resize(CONSTANT_BYTES)
	constants.encode_s32(0, size.x)
	constants.encode_s32(4, size.y)
	return constants


func _uniforms(buffers: RenderSceneBuffersRD) -> Array[RDUniform]:
	return [_image(0, buffers.get_color_layer(0)), _storage(1, _buffer)]


func _split(data: PackedByteArray, size: Vector2i, of_tick: int) -> void:
	tapped.emit.call_deferred(of_tick, data.slice(0, size.x * size.y * 3))
