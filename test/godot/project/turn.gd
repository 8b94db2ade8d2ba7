extends Node3D
## A furnished room whose camera turns around to the right, back, around to the left, and back, and stands still between. For the test that
## what was painted stays what it is.

const FRAME_RATE := 24.0
## Ticks that the camera stands still before each turn, that a turn takes, and that it looks behind.
const STILL := 4
const TURN := 32
const BEHIND := 8
const SIZE := Vector2i(192, 108)
const GREY := Color(0.62, 0.62, 0.62)
const TEXELS := 128

## Materials of their own; else one grey for all.
@export var textured := true


func _ready() -> void:
	_build_room()
	_build_light()
	var camera := Camera3D.new()
	camera.name = "Camera"
	camera.position = Vector3(0.3, 1.5, 0.4)
	camera.fov = 55.0
	camera.near = 0.1
	camera.far = 40.0
	add_child(camera)
	camera.make_current()
	var player := AnimationPlayer.new()
	add_child(player)
	var library := AnimationLibrary.new()
	library.add_animation(&"turn", _turn())
	player.add_animation_library(&"", library)
	var shot := PlayblastShot.new()
	shot.name = "Turn"
	shot.animation_player = player
	shot.frame_size = SIZE
	shot.frame_rate = FRAME_RATE
	add_child(shot)


## How far the camera is turned at each tick, in half turns to the right.
static func half_turns() -> PackedFloat32Array:
	var turns := PackedFloat32Array()
	for side: float in [1.0, -1.0]:
		for tick in STILL:
			turns.append(0.0)
		for tick in TURN:
			turns.append(side * smoothstep(0.0, 1.0, float(tick) / TURN))
		for tick in BEHIND:
			turns.append(side)
		for tick in TURN:
			turns.append(side * smoothstep(0.0, 1.0, 1.0 - float(tick) / TURN))
	for tick in STILL:
		turns.append(0.0)
	return turns


func _turn() -> Animation:
	var animation := Animation.new()
	var track := animation.add_track(Animation.TYPE_ROTATION_3D)
	animation.track_set_path(track, ^"Camera")
	animation.track_set_interpolation_type(track, Animation.INTERPOLATION_NEAREST)
	var turns := half_turns()
	animation.length = turns.size() / FRAME_RATE
	for tick in turns.size():
		var turned := Basis(Vector3.UP, -PI * turns[tick]) * Basis(Vector3.RIGHT, -0.12)
		animation.rotation_track_insert_key(track, tick / FRAME_RATE, turned.get_rotation_quaternion())
	return animation


func _build_room() -> void:
	var planks := _material(_planks(Color(0.55, 0.36, 0.2), Color(0.3, 0.19, 0.1)), 0.5)
	var bricks := _material(_bricks(Color(0.6, 0.29, 0.2), Color(0.75, 0.7, 0.62)), 0.7)
	var plaster := _material(_blotches(Color(0.78, 0.74, 0.6), Color(0.62, 0.6, 0.5)), 0.35)
	var green := _material(_blotches(Color(0.3, 0.5, 0.36), Color(0.17, 0.33, 0.25)), 0.6)
	var cloth := _material(_stripes(Color(0.16, 0.25, 0.5), Color(0.85, 0.82, 0.7)), 1.2)
	var red := _material(_blotches(Color(0.72, 0.2, 0.16), Color(0.55, 0.12, 0.1)), 0.8)
	_box(Vector3(8, 0.2, 10), Vector3(0, -0.1, 0), planks)
	_box(Vector3(8, 3, 0.2), Vector3(0, 1.5, -4.6), bricks)
	_box(Vector3(8, 3, 0.2), Vector3(0, 1.5, 4.6), green)
	_box(Vector3(0.2, 3, 10), Vector3(-3.8, 1.5, 0), plaster)
	_box(Vector3(0.2, 3, 10), Vector3(3.8, 1.5, 0), plaster)
	# Before the camera.
	_box(Vector3(1.5, 0.8, 0.8), Vector3(-1.3, 0.4, -2.6), planks, 0.3)
	_box(Vector3(0.5, 0.5, 0.5), Vector3(-1.3, 1.05, -2.6), red, 0.7)
	_box(Vector3(0.9, 1.9, 0.5), Vector3(1.9, 0.95, -3.6), cloth, -0.1)
	# Behind it: a door, a table with a crate, a tall shelf.
	_box(Vector3(1.1, 2.1, 0.12), Vector3(-1.4, 1.05, 4.44), planks)
	_box(Vector3(1.4, 0.7, 0.9), Vector3(1.2, 0.35, 3.0), cloth, -0.4)
	_box(Vector3(0.45, 0.45, 0.45), Vector3(1.2, 0.92, 3.0), red, 0.2)
	_box(Vector3(0.4, 2.2, 1.0), Vector3(-3.3, 1.1, 2.4), bricks)
	# Beside it.
	_box(Vector3(0.8, 1.1, 1.4), Vector3(3.1, 0.55, -0.2), red, 0.1)
	_box(Vector3(0.7, 0.5, 1.6), Vector3(-3.0, 0.25, -0.4), cloth)


func _build_light() -> void:
	var sun := DirectionalLight3D.new()
	sun.rotation_degrees = Vector3(-52, 34, 0)
	sun.light_energy = 0.9
	sun.shadow_enabled = true
	sun.directional_shadow_mode = DirectionalLight3D.SHADOW_ORTHOGONAL
	sun.directional_shadow_max_distance = 16.0
	add_child(sun)
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color(0.5, 0.62, 0.75)
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = Color(0.75, 0.8, 0.9)
	environment.ambient_light_energy = 0.6
	var world := WorldEnvironment.new()
	world.environment = environment
	add_child(world)


func _box(size: Vector3, at: Vector3, material: Material, turn := 0.0) -> void:
	var instance := MeshInstance3D.new()
	var mesh := BoxMesh.new()
	mesh.size = size
	instance.mesh = mesh
	instance.position = at
	instance.rotation.y = turn
	instance.material_override = material
	add_child(instance)


## A matt material, placed in world space, `scale` textures a metre; one grey in a grey-box scene.
func _material(image: Image, scale: float) -> StandardMaterial3D:
	var made := StandardMaterial3D.new()
	made.roughness = 1.0
	made.metallic_specular = 0.0
	if not textured:
		made.albedo_color = GREY
		return made
	image.generate_mipmaps()
	made.albedo_texture = ImageTexture.create_from_image(image)
	made.texture_filter = BaseMaterial3D.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS_ANISOTROPIC
	made.uv1_triplanar = true
	made.uv1_world_triplanar = true
	made.uv1_scale = Vector3.ONE * scale
	return made


static func _draw(colour_at: Callable) -> Image:
	var image := Image.create(TEXELS, TEXELS, false, Image.FORMAT_RGB8)
	for y in TEXELS:
		for x in TEXELS:
			image.set_pixel(x, y, colour_at.call((x + 0.5) / TEXELS, (y + 0.5) / TEXELS))
	return image


static func _planks(light: Color, dark: Color) -> Image:
	return _draw(func(u: float, v: float) -> Color:
		var row := int(v * 5.0)
		var inside := fmod(v * 5.0, 1.0)
		var grain := 0.5 + 0.5 * sin(TAU * (u * 3.0 + 0.3 * sin(TAU * v)) + row * 2.1)
		return dark.lerp(light * (0.85 + 0.06 * row), (0.55 + 0.45 * grain) * smoothstep(0.02, 0.1, minf(inside, 1.0 - inside))))


static func _bricks(face: Color, mortar: Color) -> Image:
	return _draw(func(u: float, v: float) -> Color:
		var row := int(v * 6.0)
		var x := u * 3.0 + (0.5 if row % 2 else 0.0)
		var inside := Vector2(fmod(x, 1.0) * 2.0, fmod(v * 6.0, 1.0))
		var edge := minf(minf(inside.x, 2.0 - inside.x), minf(inside.y, 1.0 - inside.y))
		return mortar.lerp(face * (0.85 + 0.1 * ((int(x) % 3 * 2 + row) % 4)), smoothstep(0.06, 0.12, edge)))


static func _blotches(light: Color, dark: Color) -> Image:
	return _draw(func(u: float, v: float) -> Color:
		var waves := sin(TAU * (2.0 * u + v)) + sin(TAU * (3.0 * v - u) + 1.0) + sin(TAU * (u + 2.0 * v) + 2.0)
		return dark.lerp(light, clampf(0.5 + 0.3 * waves, 0.0, 1.0)))


static func _stripes(a: Color, b: Color) -> Image:
	return _draw(func(u: float, _v: float) -> Color: return a.lerp(b, smoothstep(0.44, 0.56, absf(fmod(u * 4.0, 1.0) - 0.5) * 2.0)))
