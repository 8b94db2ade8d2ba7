class_name Lighting
extends RefCounted
## The light of a world: a sun or lamps with shadows, ambient light and a sky.

## The lamp that sways or flickers, if any.
var _restless: Light3D
var _home := Vector3.ZERO
var _energy := 1.0
var _sway := Vector3.ZERO
var _flicker := 0.0
var _rate := 1.0
## The sun that moves on, if any.
var _sun: DirectionalLight3D
var _sun_turn := 0.0
var _sun_heading := 0.0

var _dice: Dice


func _init(dice: Dice) -> void:
	_dice = dice


## Lights a place under `world`; returns the environment.
func light(world: Node3D, place: Place) -> Environment:
	var dusk := not place.roofed and _dice.chance(0.15)
	var environment := Environment.new()
	_set_sky(environment, dusk)
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = Color.from_ok_hsl(_dice.between(0.0, 1.0), _dice.between(0.0, 0.5), _dice.between(0.7, 0.92))
	environment.reflected_light_source = Environment.REFLECTION_SOURCE_DISABLED
	environment.tonemap_mode = _dice.pick([Environment.TONE_MAPPER_LINEAR, Environment.TONE_MAPPER_LINEAR, Environment.TONE_MAPPER_LINEAR, Environment.TONE_MAPPER_FILMIC])
	if place.roofed or dusk:
		environment.ambient_light_energy = _dice.between(0.26, 0.55)
		_add_lamps(world, place)
		if _dice.chance(0.5):
			_add_sun(world, 0.3 if dusk else _dice.between(0.5, 1.1))
	else:
		environment.ambient_light_energy = _dice.between(0.3, 0.65)
		# Together they seldom burn a light surface white.
		_add_sun(world, minf(_dice.between(0.5, 1.1), 1.4 - environment.ambient_light_energy))
	return environment


## Moves what moves about the light.
func pose_at(seconds: float) -> void:
	if _restless:
		_restless.position = _home + _sway * sin(_rate * seconds)
		_restless.light_energy = _energy * (1.0 - _flicker * (0.5 + 0.5 * sin(_rate * 2.3 * seconds) * sin(_rate * 1.1 * seconds + 1.0)))
	if _sun:
		_sun.rotation.y = _sun_heading + _sun_turn * seconds


func _tint(cool: float) -> Color:
	return Color(1.0, _dice.between(0.95, 1.0), 1.0) if _dice.chance(0.2) else (
		Color(_dice.between(0.82, 0.95), 0.93, 1.0) if _dice.chance(cool) else Color(1.0, _dice.between(0.8, 0.96), _dice.between(0.6, 0.9)))


func _add_sun(world: Node3D, energy: float) -> void:
	var sun := DirectionalLight3D.new()
	sun.name = "Sun"
	_sun_heading = _dice.between(-PI, PI)
	sun.rotation = Vector3(-deg_to_rad(_dice.between(22.0, 78.0)), _sun_heading, 0)
	sun.light_color = _tint(0.25)
	sun.light_energy = energy
	sun.light_specular = _dice.between(0.0, 0.6)
	sun.shadow_enabled = true
	# Far shadows would cost near ones their sharpness: legs would throw none.
	var split := _dice.chance(0.5)
	sun.directional_shadow_mode = DirectionalLight3D.SHADOW_PARALLEL_2_SPLITS if split else DirectionalLight3D.SHADOW_ORTHOGONAL
	sun.directional_shadow_max_distance = _dice.between(20.0, 30.0) if split else _dice.between(13.0, 18.0)
	sun.directional_shadow_split_1 = 0.3
	sun.shadow_normal_bias = _dice.between(0.4, 0.9)
	sun.shadow_blur = _dice.between(0.5, 1.5)
	if _dice.chance(0.15):
		_sun = sun
		_sun_turn = _dice.side() * _dice.between(0.03, 0.2)
	world.add_child(sun)


func _add_lamps(world: Node3D, place: Place) -> void:
	var spots := _dice.shuffled(place.lamp_spots)
	var count := _dice.pick([1, 1, 2, 2, 3]) as int
	for i in mini(count, spots.size()):
		var lamp := OmniLight3D.new()
		lamp.name = "Lamp%d" % (i + 1)
		lamp.position = spots[i]
		lamp.light_color = _tint(0.3)
		lamp.omni_range = _dice.between(9.0, 16.0)
		lamp.omni_attenuation = _dice.between(0.5, 1.0)
		lamp.light_energy = _dice.between(1.1, 1.9) / pow(count, 0.6) * (1.4 if not place.roofed else 1.0)
		lamp.light_specular = _dice.between(0.0, 0.6)
		lamp.shadow_enabled = i < 2
		world.add_child(lamp)
		if i == 0 and _dice.chance(0.3):
			_restless = lamp
			_home = lamp.position
			_energy = lamp.light_energy
			_rate = _dice.between(1.0, 4.0)
			_sway = _dice.direction() * Vector3(1, 0.2, 1) * _dice.between(0.1, 0.5) if _dice.chance(0.6) else Vector3.ZERO
			_flicker = _dice.between(0.1, 0.5) if _dice.chance(0.5) else 0.0


func _set_sky(environment: Environment, dusk: bool) -> void:
	var hue := _dice.between(0.52, 0.64) if _dice.chance(0.6) else _dice.between(0.0, 1.0)
	var lightness := _dice.between(0.08, 0.3) if dusk else _dice.between(0.4, 0.85)
	var top := Color.from_ok_hsl(hue, _dice.between(0.1, 0.9), lightness)
	if _dice.chance(0.4):
		environment.background_mode = Environment.BG_COLOR
		environment.background_color = top
		return
	var horizon := Color.from_ok_hsl(fposmod(hue + _dice.between(-0.5, 0.1), 1.0), _dice.between(0.05, 0.6), clampf(lightness + _dice.between(0.0, 0.3), 0.0, 0.95))
	var material := ProceduralSkyMaterial.new()
	material.sky_top_color = top
	material.sky_horizon_color = horizon
	material.sky_curve = _dice.between(0.05, 0.3)
	material.ground_horizon_color = horizon
	material.ground_bottom_color = horizon.darkened(0.5)
	var sky := Sky.new()
	sky.radiance_size = Sky.RADIANCE_SIZE_32
	sky.sky_material = material
	environment.background_mode = Environment.BG_SKY
	environment.sky = sky
