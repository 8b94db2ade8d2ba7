@tool
class_name PlayblastAlbedoMaterial
extends PlayblastProxyMaterial
## The material that stands in for a surface's own while albedo is drawn: its base colour and emission without light, on the same sides
## and with the same holes as in the other auxiliary pictures. See PlayblastAlbedoShader.

## What was made for one of the scene's materials.
class StandIn:
	## The scene's material, which can be freed at any time.
	var source: WeakRef
	var material := ShaderMaterial.new()
	## What the shader was written for, and what its parameters are.
	var shape: Variant
	var values: Array
	## A user's shader's parameters.
	var parameters: Array[StringName] = []
	## What is mostly animated: see `differs_from`.
	var colour: Color
	var emission: Color
	var energy: float
	var offset: Vector3
	var texture: Texture2D

	## Whether one of Godot's materials is another now in what is mostly animated.
	func differs_from(now: BaseMaterial3D) -> bool:
		return (now.albedo_color != colour or now.emission_energy_multiplier != energy or now.emission != emission or now.uv1_offset != offset
			or now.albedo_texture != texture)

	## Keeps what `differs_from` compares.
	func remember(now: BaseMaterial3D) -> void:
		colour = now.albedo_color
		emission = now.emission
		energy = now.emission_energy_multiplier
		offset = now.uv1_offset
		texture = now.albedo_texture

## Of so many of the scene's materials all properties are looked at for a picture; it takes 4 microseconds each.
const LOOKED_AT_A_PICTURE := 128

## Rises whenever `follow` sees that a material was changed.
var changes := 0

var _plain := ShaderMaterial.new()
var _stand_ins: Dictionary[int, StandIn] = {}
var _written: Dictionary[Array, Shader] = {}
## Whose turn it is to be looked at.
var _turn := 0


func _init() -> void:
	super("", "")
	_plain.shader = _shader_of("%svoid fragment() {\n\tALBEDO = vec3(1.0);\n%s}\n" % [PlayblastAlbedoShader.head("cull_back"), PlayblastAlbedoShader.tail(false)])


func for_surface(material: Material, _id: int) -> ShaderMaterial:
	if is_seen_through(material):
		return hidden()
	if not material is BaseMaterial3D and not material is ShaderMaterial:
		return _plain
	var key := material.get_instance_id()
	if not key in _stand_ins:
		var stand_in := StandIn.new()
		stand_in.source = weakref(material)
		_stand_ins[key] = stand_in
		_follow(stand_in, material)
	return _stand_ins[key].material


## Takes over what was changed in the scene's materials: at once what is mostly animated, the rest in turn where there are many materials.
func follow() -> void:
	var gone: Array[int] = []
	var at := 0
	for key in _stand_ins:
		var stand_in := _stand_ins[key]
		var source: Material = stand_in.source.get_ref()
		if source == null:
			gone.append(key)
		elif posmod(at - _turn, _stand_ins.size()) < LOOKED_AT_A_PICTURE or source is ShaderMaterial or stand_in.differs_from(source as BaseMaterial3D):
			changes += int(_follow(stand_in, source))
		at += 1
	_turn += LOOKED_AT_A_PICTURE
	for key in gone:
		_stand_ins.erase(key)


func instance_parameters(material: Material) -> Array[StringName]:
	var own := material as ShaderMaterial
	return PlayblastAlbedoShader.instance_uniforms(own.shader) if own and own.shader else ([] as Array[StringName])


## Takes over what a material is now. Returns whether it is another than before.
func _follow(stand_in: StandIn, source: Material) -> bool:
	if source is BaseMaterial3D:
		return _follow_base(stand_in, source as BaseMaterial3D)
	return _follow_own(stand_in, source as ShaderMaterial)


func _follow_base(stand_in: StandIn, source: BaseMaterial3D) -> bool:
	var values := PlayblastAlbedoShader.values_of(source)
	var shape := PlayblastAlbedoShader.shape_of(source)
	if values == stand_in.values and shape == stand_in.shape:
		return false
	stand_in.shape = shape
	stand_in.values = values
	stand_in.remember(source)
	var has_holes := _is_cut_out(source)
	var key := shape + PlayblastAlbedoShader.TEXTURES.map(func(property: StringName) -> bool: return source.get(property) != null) + [_cull_mode(source), has_holes]
	if not key in _written:
		_written[key] = _shader_of(PlayblastAlbedoShader.of_base(source, _cull_mode(source), CUTOUT if has_holes else "", CUT if has_holes else ""))
	stand_in.material.shader = _written[key]
	var properties := PlayblastAlbedoShader.NUMBERS + PlayblastAlbedoShader.TEXTURES
	for i in properties.size():
		stand_in.material.set_shader_parameter(properties[i], values[i])
	if has_holes:
		_cut_as(stand_in.material, source)
	return true


func _follow_own(stand_in: StandIn, source: ShaderMaterial) -> bool:
	var shader := source.shader
	var is_other := stand_in.material.shader == null or not is_same(shader, stand_in.shape)
	if is_other:
		stand_in.shape = shader
		stand_in.values = []
		stand_in.parameters = _parameters_of(shader)
		stand_in.material.shader = _derived(shader)
	var values := stand_in.parameters.map(source.get_shader_parameter)
	if values == stand_in.values:
		return is_other
	stand_in.values = values
	for i in values.size():
		stand_in.material.set_shader_parameter(stand_in.parameters[i], values[i])
	return true


func _derived(shader: Shader) -> Shader:
	var code := PlayblastAlbedoShader.of_own(shader) if shader else ""
	if code == "":
		return _plain.shader
	var key := [shader.get_instance_id()]
	if not key in _written:
		_written[key] = _shader_of(code)
		shader.changed.connect(_forget.bind(shader.get_instance_id()), CONNECT_ONE_SHOT)
	return _written[key]


static func _parameters_of(shader: Shader) -> Array[StringName]:
	var names: Array[StringName] = []
	for parameter: Dictionary in shader.get_shader_uniform_list() if shader else []:
		names.append(StringName(parameter.name))
	return names


## A user's shader was edited, and is derived from anew when it is next drawn.
func _forget(shader_id: int) -> void:
	_written.erase([shader_id])
	for stand_in: StandIn in _stand_ins.values():
		var shader := stand_in.shape as Shader if stand_in.shape is Shader else null
		if shader and shader.get_instance_id() == shader_id:
			stand_in.shape = null
