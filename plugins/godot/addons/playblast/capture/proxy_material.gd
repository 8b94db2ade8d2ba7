@tool
class_name PlayblastProxyMaterial
extends RefCounted
## The material that stands in for a surface's own while an auxiliary picture is drawn: the same sides, the same holes.
##
## Opaque surfaces keep their sides (culling), cut-out ones (leaves, fences) also their holes. Surfaces that let light through,
## and those that turn to face the camera, are no part of what is where: theirs draws nothing. Ids are told by a material an id,
## since renderers hold few instance uniforms (Compatibility as few as 256 instances).

const CUTOUT := """
uniform sampler2D cutout : repeat_enable;
uniform float threshold;
uniform vec3 uv_scale = vec3(1.0);
uniform vec3 uv_offset;
"""
const CUT := "\tif (texture(cutout, UV * uv_scale.xy + uv_offset.xy).a < threshold) discard;\n"
## Draws nothing at all, for one surface of a mesh whose other surfaces are drawn.
const HIDDEN := "shader_type spatial;\nrender_mode unshaded;\nvoid vertex() { POSITION = vec4(2.0, 2.0, 2.0, 1.0); }\nvoid fragment() { discard; }\n"
## A user's own shader lets light through where it writes ALPHA, except by a threshold.
static var _writes_alpha := RegEx.create_from_string("\\bALPHA\\s*[-+*/]?=")
static var _hidden: ShaderMaterial

## Head of the shader, from `shader_type` to its last uniform, with %s where render modes go.
var _head: String
## Body of its fragment function.
var _body: String
var _parameters: Dictionary
var _tells_id: bool
var _shaders: Dictionary[String, Shader] = {}
var _made: Dictionary[String, ShaderMaterial] = {}


## A family of stand-ins: `head` with one %s for further render modes, the `body` of fragment(), and shader `parameters`. One
## that `tells_id` has a uniform `id`.
func _init(head: String, body: String, parameters := {}, tells_id := false) -> void:
	_head = head
	_body = body
	_parameters = parameters
	_tells_id = tells_id


## The stand-in for a surface that is drawn with `material`, which may be null, and has an id; one that draws nothing for those left out.
func for_surface(material: Material, id: int) -> ShaderMaterial:
	if is_seen_through(material):
		return hidden()
	var base := material as BaseMaterial3D
	var cut_out := base if base and _is_cut_out(base) else null
	var told := id if _tells_id else 0
	var cull := _cull_mode(material)
	var key := "%s %d %d" % [cull, told, cut_out.get_instance_id() if cut_out else 0]
	if not key in _made:
		_made[key] = _make(cull, told, cut_out)
	return _made[key]


## Takes over what was changed in the scene's materials, where a stand-in shows it. Called for each picture.
func follow() -> void:
	pass


## Names of the parameters that an instance drawn with `material` may have a value of its own for, where a stand-in shows them.
func instance_parameters(_of: Material) -> Array[StringName]:
	return []


## Draws nothing.
static func hidden() -> ShaderMaterial:
	if _hidden == null:
		_hidden = ShaderMaterial.new()
		_hidden.shader = Shader.new()
		_hidden.shader.code = HIDDEN
	return _hidden


## Whether a surface is left out: glass, water, fades, billboards.
static func is_seen_through(material: Material) -> bool:
	var base := material as BaseMaterial3D
	if base:
		return base.billboard_mode != BaseMaterial3D.BILLBOARD_DISABLED or base.transparency == BaseMaterial3D.TRANSPARENCY_ALPHA
	var own := material as ShaderMaterial
	return own != null and own.shader != null and writes_alpha(own.shader.code) and (
		not own.shader.code.contains("ALPHA_SCISSOR_THRESHOLD") and not own.shader.code.contains("ALPHA_HASH_SCALE"))


## Whether a shader's code writes ALPHA.
static func writes_alpha(code: String) -> bool:
	return _writes_alpha.search(code) != null


static func _is_cut_out(material: BaseMaterial3D) -> bool:
	return material.transparency != BaseMaterial3D.TRANSPARENCY_DISABLED and material.albedo_texture != null


static func _cull_mode(material: Material) -> String:
	var base := material as BaseMaterial3D
	if base:
		return ["cull_back", "cull_front", "cull_disabled"][base.cull_mode]
	var own := material as ShaderMaterial
	for mode: String in ["cull_disabled", "cull_front"]:
		if own and own.shader and own.shader.code.contains(mode):
			return mode
	return "cull_back"


func _make(cull: String, id: int, cut_out: BaseMaterial3D) -> ShaderMaterial:
	var material := ShaderMaterial.new()
	material.shader = _shader(cull, cut_out != null)
	for parameter: StringName in _parameters:
		material.set_shader_parameter(parameter, _parameters[parameter])
	if _tells_id:
		material.set_shader_parameter(&"id", id)
	if cut_out:
		_cut_as(material, cut_out)
	return material


## The parameters of CUTOUT.
func _cut_as(material: ShaderMaterial, cut_out: BaseMaterial3D) -> void:
	var by_threshold := cut_out.transparency == BaseMaterial3D.TRANSPARENCY_ALPHA_SCISSOR
	material.set_shader_parameter(&"cutout", cut_out.albedo_texture)
	material.set_shader_parameter(&"threshold", cut_out.alpha_scissor_threshold if by_threshold else 0.5)
	material.set_shader_parameter(&"uv_scale", cut_out.uv1_scale)
	material.set_shader_parameter(&"uv_offset", cut_out.uv1_offset)


func _shader(cull: String, has_holes: bool) -> Shader:
	var key := "%s %s" % [cull, has_holes]
	if not key in _shaders:
		_shaders[key] = _shader_of("%s%s\nvoid fragment() {\n%s%s}\n" % [
			_head % cull, CUTOUT if has_holes else "", CUT if has_holes else "", _body])
	return _shaders[key]


static func _shader_of(code: String) -> Shader:
	var shader := Shader.new()
	shader.code = code
	return shader
