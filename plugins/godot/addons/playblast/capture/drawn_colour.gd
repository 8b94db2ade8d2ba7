@tool
class_name PlayblastDrawnColour
extends RefCounted
## Shader code for colours that come out of a view as they are meant. Its functions' names are none that a user's shader has.

## `vec3 playblast_as_drawn(vec3 code)`: what ALBEDO must be in an unshaded shader on Compatibility so that the sRGB colour `code` comes out. That
## renderer turns colours into linear light and back, each by an approximation of its own, so that dark ones come out darker: the way
## back is inverted, then the way there by Newton's method.
const AS_DRAWN := """
vec3 playblast_as_drawn(vec3 code) {
	vec3 light = pow((code + 0.055) / 1.055, vec3(2.4));
	vec3 c = code;
	for (int i = 0; i < 5; i++) {
		vec3 off = c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878) - light;
		c -= off / (c * (c * 0.915918033 + 1.364342222) + 0.012522878);
	}
	return c;
}
"""
## `vec3 playblast_light_of(vec3 code)` and `vec3 playblast_code_of(vec3 light)`: sRGB as IEC 61966-2-1 has it.
const SRGB := """
vec3 playblast_light_of(vec3 code) { return mix(pow((code + 0.055) / 1.055, vec3(2.4)), code / 12.92, lessThan(code, vec3(0.04045))); }
vec3 playblast_code_of(vec3 light) { return mix(1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, 12.92 * light, lessThan(light, vec3(0.0031308))); }
"""
