@tool
class_name PlayblastAlbedoShader
extends RefCounted
## Writes unshaded shaders that draw a material's base colour with its emission added, from 0 to 1, and nothing else of it.
##
## For Godot's own materials (StandardMaterial3D, ORMMaterial3D) the code follows what BaseMaterial3D generates; the parameters have the
## names of its properties. A user's shader is taken as it is, and its ALBEDO and EMISSION are drawn in place of what light makes of them.

## Properties of BaseMaterial3D that are textures, and whose presence shapes the code.
const TEXTURES: Array[StringName] = [&"albedo_texture", &"emission_texture", &"detail_albedo", &"detail_mask"]
## Those that are numbers and colours.
const NUMBERS: Array[StringName] = [
	&"albedo_color", &"uv1_scale", &"uv1_offset", &"uv1_triplanar_sharpness", &"uv2_scale", &"uv2_offset", &"uv2_triplanar_sharpness",
	&"emission", &"emission_energy_multiplier",
]
const FILTERS: Array[String] = [
	"filter_nearest", "filter_linear", "filter_nearest_mipmap", "filter_linear_mipmap", "filter_nearest_mipmap_anisotropic",
	"filter_linear_mipmap_anisotropic"]
const UNIFORMS := """
uniform vec4 albedo_color : source_color = vec4(1.0);
uniform vec3 uv1_scale = vec3(1.0);
uniform vec3 uv1_offset;
uniform float uv1_triplanar_sharpness = 1.0;
uniform vec3 uv2_scale = vec3(1.0);
uniform vec3 uv2_offset;
uniform float uv2_triplanar_sharpness = 1.0;
uniform vec4 emission : source_color = vec4(0.0);
uniform float emission_energy_multiplier = 1.0;
"""
## Where a layer of texture coordinates is projected from three sides; %s is its number.
const TRIPLANAR := """
varying vec3 uv%s_weights;
varying vec3 uv%s_place;
vec4 uv%s_texture(sampler2D image) {
	return texture(image, uv%s_place.xy) * uv%s_weights.z + texture(image, uv%s_place.xz) * uv%s_weights.y + texture(image, uv%s_place.zy * vec2(-1.0, 1.0)) * uv%s_weights.x;
}
"""
## The same in vertex(): number, normal, number four times, place, number twice.
const PLACE := """	uv%s_weights = pow(abs(%s), vec3(uv%s_triplanar_sharpness));
	uv%s_weights /= dot(uv%s_weights, vec3(1.0));
	uv%s_place = (%s * uv%s_scale + uv%s_offset) * vec3(1.0, -1.0, 1.0);
"""
const FORCED_SRGB := "	if (!OUTPUT_IS_SRGB) base.rgb = playblast_light_of(base.rgb);\n"
const VERTEX_SRGB := "	if (!OUTPUT_IS_SRGB) COLOR.rgb = playblast_light_of(COLOR.rgb);\n"
## By BaseMaterial3D.BlendMode.
const DETAIL_BLENDS: Array[String] = ["detail.rgb", "base.rgb + detail.rgb", "base.rgb - detail.rgb", "base.rgb * detail.rgb"]
## Of a user's render modes only these say where its surfaces are; others are about light, blending and depth.
const KEPT_MODES: Array[String] = [
	"cull_back", "cull_front", "cull_disabled", "skip_vertex_transform", "world_vertex_coords", "ensure_correct_normals", "particle_trails"]

## Comments, but not the slashes of res://.
static var _comments := RegEx.create_from_string("(?s)(?<!:)//[^\\n]*|/\\*.*?\\*/")
static var _includes := RegEx.create_from_string("#include\\s+\"([^\"]+)\"")
static var _modes := RegEx.create_from_string("\\brender_mode\\b([^;]*);")
static var _stencil := RegEx.create_from_string("\\bstencil_mode\\b[^;]*;")
static var _instance_uniform := RegEx.create_from_string("\\binstance\\s+uniform\\s+(?:(?:lowp|mediump|highp)\\s+)?\\w+\\s+(\\w+)")
static var _kind := RegEx.create_from_string("\\bshader_type\\s+spatial\\s*;")


## Values of NUMBERS, then of TEXTURES. Read by name they would take three times as long, and they are read for each picture.
static func values_of(material: BaseMaterial3D) -> Array:
	return [
		material.albedo_color, material.uv1_scale, material.uv1_offset, material.uv1_triplanar_sharpness, material.uv2_scale, material.uv2_offset,
		material.uv2_triplanar_sharpness, material.emission, material.emission_energy_multiplier,
		material.albedo_texture, material.emission_texture, material.detail_albedo, material.detail_mask,
	]


## Values of all other properties that shape the code.
static func shape_of(material: BaseMaterial3D) -> Array:
	return [
		material.albedo_texture_force_srgb, material.vertex_color_use_as_albedo, material.vertex_color_is_srgb, material.texture_filter,
		material.texture_repeat, material.uv1_triplanar, material.uv1_world_triplanar, material.uv2_triplanar, material.uv2_world_triplanar,
		material.shading_mode, material.emission_enabled, material.emission_operator, material.emission_on_uv2, material.detail_enabled,
		material.detail_blend_mode, material.detail_uv_layer,
	]


## Code for one of Godot's own materials, drawn with the render mode `cull`; `cut` is what cuts its holes, and `cutout` has the uniforms of that.
static func of_base(material: BaseMaterial3D, cull: String, cutout: String, cut: String) -> String:
	var on_uv1 := "uv1_texture(%s)" if material.uv1_triplanar else "texture(%s, UV)"
	var on_uv2 := "uv2_texture(%s)" if material.uv2_triplanar else "texture(%s, UV2)"
	var parts: PackedStringArray = [head(cull), UNIFORMS, cutout]
	for property in TEXTURES:
		if material.get(property):
			parts.append("uniform sampler2D %s : %s;\n" % [property, _sampling(material, property)])
	var vertex := ""
	for layer: Array in [["1", material.uv1_triplanar, material.uv1_world_triplanar], ["2", material.uv2_triplanar, material.uv2_world_triplanar]]:
		if layer[1]:
			parts.append(TRIPLANAR.replace("%s", layer[0]))
			var normal := "MODEL_NORMAL_MATRIX * NORMAL" if layer[2] else "NORMAL"
			var at := "(MODEL_MATRIX * vec4(VERTEX, 1.0)).xyz" if layer[2] else "VERTEX"
			vertex += PLACE % [layer[0], normal, layer[0], layer[0], layer[0], layer[0], at, layer[0], layer[0]]
	if material.vertex_color_is_srgb:
		vertex += VERTEX_SRGB
	parts.append("void vertex() {\n%s}\nvoid fragment() {\n%s" % [vertex, cut])
	var scaled := on_uv1.replace("UV", "UV * uv1_scale.xy + uv1_offset.xy")
	var scaled2 := on_uv2.replace("UV2", "UV2 * uv2_scale.xy + uv2_offset.xy")
	parts.append("	vec4 base = %s;\n" % (scaled % "albedo_texture" if material.albedo_texture else "vec4(1.0)"))
	if material.albedo_texture and material.albedo_texture_force_srgb:
		parts.append(FORCED_SRGB)
	if material.vertex_color_use_as_albedo:
		parts.append("	base *= COLOR;\n")
	parts.append("	base *= albedo_color;\n")
	if material.detail_enabled:
		var detail := (scaled2 if material.detail_uv_layer == BaseMaterial3D.DETAIL_UV_2 else scaled) % "detail_albedo"
		parts.append("	vec4 detail = %s;\n" % (detail if material.detail_albedo else "vec4(1.0)"))
		parts.append("	base.rgb = mix(base.rgb, mix(base.rgb, %s, detail.a), %s);\n" % [
			DETAIL_BLENDS[material.detail_blend_mode], (scaled % "detail_mask") + ".r" if material.detail_mask else "1.0"])
	parts.append("	ALBEDO = base.rgb;\n")
	var glows := material.emission_enabled and material.shading_mode != BaseMaterial3D.SHADING_MODE_UNSHADED
	if glows:
		var shining := (scaled2 if material.emission_on_uv2 else scaled) % "emission_texture" + ".rgb" if material.emission_texture else "vec3(0.0)"
		if material.emission_operator == BaseMaterial3D.EMISSION_OP_MULTIPLY:
			parts.append("	EMISSION = emission.rgb * %s * emission_energy_multiplier;\n" % shining)
		else:
			parts.append("	EMISSION = (emission.rgb + %s) * emission_energy_multiplier;\n" % shining)
	parts.append("%s}\n" % tail(glows))
	return "".join(parts)


## Code for a user's own spatial shader; "" where it is none.
static func of_own(shader: Shader) -> String:
	var code := _comments.sub(_with_includes(shader.code), "", true)
	var kind := _kind.search(code)
	if kind == null:
		return ""
	code = _kind.sub(code, "")
	var modes := PackedStringArray()
	var is_unshaded := false
	for found in _modes.search_all(code):
		for mode in found.get_string(1).split(","):
			is_unshaded = is_unshaded or mode.strip_edges() == "unshaded"
			if mode.strip_edges() in KEPT_MODES:
				modes.append(mode.strip_edges())
	code = _stencil.sub(_modes.sub(code, "", true), "", true)
	# Surfaces stay where the depth plane has them.
	if not "skip_vertex_transform" in modes:
		code = _wrap(code, "vertex", "	vec3 playblast_vertex = VERTEX;\n", "	VERTEX = playblast_vertex;\n")
	var ending := tail(not is_unshaded)
	if PlayblastProxyMaterial.writes_alpha(code):
		ending += "	ALPHA = 1.0;\n"
	var wrapped := _wrap(code, "fragment", "", ending)
	if wrapped == code:
		wrapped += "\nvoid fragment() {\n%s}\n" % ending
	return head(", ".join(modes) if not modes.is_empty() else "cull_back") + wrapped


## Names of a user's shader's instance uniforms.
static func instance_uniforms(shader: Shader) -> Array[StringName]:
	var names: Array[StringName] = []
	for found in _instance_uniform.search_all(_comments.sub(_with_includes(shader.code), "", true)):
		names.append(StringName(found.get_string(1)))
	return names


## From `shader_type` to the functions that `tail` needs.
static func head(modes: String) -> String:
	var converting := PlayblastDrawnColour.SRGB + (PlayblastDrawnColour.AS_DRAWN if _is_srgb() else "")
	return "shader_type spatial;\nrender_mode unshaded, fog_disabled, %s;\n%s" % [modes, converting]


## Draws ALBEDO, with EMISSION added where the surface `glows`. On Forward+ and Mobile linear light for PlayblastAlbedoTap, on Compatibility the
## colour as it is to come out.
static func tail(glows: bool) -> String:
	if _is_srgb():
		# What is lit is added up in light; a colour alone stays what it is.
		var sum := "EMISSION == vec3(0.0) ? ALBEDO : playblast_code_of(clamp(playblast_light_of(ALBEDO) + playblast_light_of(EMISSION), 0.0, 1.0))" if glows else "ALBEDO"
		return "	ALBEDO = playblast_as_drawn(clamp(%s, 0.0, 1.0));\n" % sum
	return "	ALBEDO = clamp(ALBEDO%s, 0.0, 1.0) * %.1f;\n" % [" + EMISSION" if glows else "", _brightness()]


## Mobile keeps half of a colour, in ten bits, so that colours up to 2 have room.
static func _brightness() -> float:
	return 2.0 if RenderingServer.get_current_rendering_method() == "mobile" else 1.0


static func _is_srgb() -> bool:
	return RenderingServer.get_rendering_device() == null


static func _sampling(material: BaseMaterial3D, property: StringName) -> String:
	var hints: PackedStringArray = [FILTERS[material.texture_filter], "repeat_enable" if material.texture_repeat else "repeat_disable"]
	if property != &"detail_mask":
		hints.append("source_color")
	return ", ".join(hints)


static func _with_includes(code: String, depth := 0) -> String:
	var include := _includes.search(code)
	while include and depth < 8:
		var included := load(include.get_string(1)) as ShaderInclude
		code = code.substr(0, include.get_start()) + (_with_includes(included.code, depth + 1) if included else "") + code.substr(include.get_end())
		include = _includes.search(code)
	return code


## Puts code at the beginning and at the end of a function, out of which there is no other way; returns the code as it was where there is no such
## function.
static func _wrap(code: String, function: String, beginning: String, ending: String) -> String:
	var found := RegEx.create_from_string("\\bvoid\\s+%s\\s*\\([^)]*\\)\\s*\\{" % function).search(code)
	if found == null:
		return code
	var depth := 1
	var end := found.get_end()
	while end < code.length() and depth > 0:
		depth += int(code[end] == "{") - int(code[end] == "}")
		end += 1
	return code.substr(0, found.get_end()) + "\n" + beginning + code.substr(found.get_end(), end - 1 - found.get_end()) + "\n" + ending + code.substr(end - 1)
