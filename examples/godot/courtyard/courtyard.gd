extends Node3D
## A paved yard with a walker, a bouncing ball and a swinging sign, all made by code, all functions of the tick.
##
## Run it to look at it; run it with `-- --playblast-record NAME [--ticks N] [--size WxH] [--server URL]` to stream it to a server.
## `--orbit N` takes another way of the camera (see Orbits), `--ink` the look of a drawing (see Ink).

const TICKS := 120
const FRAME_RATE := 24.0

var orbit := Orbits.ALL[0]
var walker := Walker.new()
var ball: MeshInstance3D
var sign_board: Node3D
var camera := Camera3D.new()


func _ready() -> void:
	_build_yard()
	_build_light()
	walker.name = "Walker"
	add_child(walker)
	ball = _mesh(SphereMesh.new(), Vector3.ZERO, Textures.material(Textures.stripes(Color(0.85, 0.25, 0.15), Color(0.95, 0.9, 0.8)), 1.0, false))
	ball.name = "Ball"
	(ball.mesh as SphereMesh).radius = 0.24
	(ball.mesh as SphereMesh).height = 0.48
	_build_sign()
	camera.name = "Camera"
	camera.fov = 48.0
	camera.near = 0.1
	camera.far = 60.0
	add_child(camera)
	camera.make_current()
	var environment := get_node("Sky") as WorldEnvironment
	camera.environment = environment.environment
	var arguments := OS.get_cmdline_user_args()
	if "--orbit" in arguments:
		orbit = Orbits.ALL[int(arguments[arguments.find("--orbit") + 1]) % Orbits.ALL.size()]
	if "--ink" in arguments:
		Ink.draw_over(self)
	pose_at(0, 0.0)
	if "--playblast-record" in arguments:
		_record(arguments)


func _process(_delta: float) -> void:
	if not "--playblast-record" in OS.get_cmdline_user_args():
		var tick := int(Time.get_ticks_msec() / 1000.0 * FRAME_RATE) % TICKS
		pose_at(tick, tick / FRAME_RATE)


## Puts everything where it is at a tick.
func pose_at(tick: int, shot_seconds: float) -> void:
	var seconds := shot_seconds + Orbits.ahead(orbit)
	walker.pose_at(seconds)
	var hop := fmod(seconds * 1.25, 1.0) - 0.5
	ball.position = Vector3(1.9 - seconds * 0.75, 0.24 + 0.85 * (1.0 - 4.0 * hop * hop), -0.6 - seconds * 0.1)
	ball.rotation = Vector3(0.0, 0.4, seconds * 3.6)
	sign_board.rotation = Vector3(0.0, 0.0, 0.35 * sin(seconds * 2.6))
	var centre := Vector3(0.0, 0.95, walker.position.z * 0.7)
	camera.position = centre + Orbits.offset(orbit, float(tick) / (TICKS - 1))
	camera.look_at(centre)


func _record(arguments: PackedStringArray) -> void:
	var shot := PlayblastShot.new()
	shot.camera = camera
	shot.objects = [ball, sign_board]
	shot.frame_rate = FRAME_RATE
	shot.ticks = int(arguments[arguments.find("--ticks") + 1]) if "--ticks" in arguments else TICKS
	if "--size" in arguments:
		var sides := arguments[arguments.find("--size") + 1].split("x")
		shot.frame_size = Vector2i(int(sides[0]), int(sides[1]))
	if "--server" in arguments:
		shot.address = arguments[arguments.find("--server") + 1]
	add_child(shot)
	# What a callable captures is a copy, but for arrays.
	var pictures := [0]
	shot.export_advanced.connect(func(done: int, _all: int) -> void: pictures[0] = done)
	var error := await shot.export_to("", pose_at, arguments[arguments.find("--playblast-record") + 1])
	if error == "":
		print("recorded %d ticks, %d pictures came back" % [shot.ticks, pictures[0]])
	else:
		printerr("not recorded: ", error)
	get_tree().quit(0 if error == "" else 1)


func _mesh(mesh: Mesh, at: Vector3, material: Material) -> MeshInstance3D:
	var instance := MeshInstance3D.new()
	instance.mesh = mesh
	instance.position = at
	instance.material_override = material
	add_child(instance)
	return instance


func _box(size: Vector3, at: Vector3, material: Material, turn := 0.0) -> MeshInstance3D:
	var mesh := BoxMesh.new()
	mesh.size = size
	var instance := _mesh(mesh, at, material)
	instance.rotation.y = turn
	return instance


func _cylinder(radius: float, height: float, at: Vector3, material: Material, top := -1.0) -> MeshInstance3D:
	var mesh := CylinderMesh.new()
	mesh.bottom_radius = radius
	mesh.top_radius = radius if top < 0.0 else top
	mesh.height = height
	return _mesh(mesh, at, material)


func _build_yard() -> void:
	var paving := Textures.material(Textures.tiles(Color(0.62, 0.56, 0.47), Color(0.36, 0.33, 0.3), 3), 0.55, true)
	var brick := Textures.material(Textures.bricks(Color(0.58, 0.3, 0.22), Color(0.72, 0.66, 0.58)), 0.62, true)
	var plaster := Textures.material(Textures.blotches(Color(0.83, 0.74, 0.58), Color(0.7, 0.58, 0.42), 5), 0.4, true)
	var wood := Textures.material(Textures.planks(Color(0.5, 0.33, 0.18), Color(0.3, 0.19, 0.1)), 1.1, true)
	var stone := Textures.material(Textures.blotches(Color(0.6, 0.6, 0.58), Color(0.42, 0.43, 0.44), 9), 0.8, true)
	var leaf := Textures.material(Textures.blotches(Color(0.26, 0.45, 0.18), Color(0.13, 0.28, 0.12), 3), 1.4, true)
	var door := Textures.material(Textures.planks(Color(0.16, 0.34, 0.42), Color(0.1, 0.2, 0.27)), 1.4, true)
	_box(Vector3(30, 0.2, 30), Vector3(0, -0.1, 0), paving)
	# Four sides, each of its own kind, so that an orbit always has something to lose sight of and find again.
	_box(Vector3(13, 3.2, 0.4), Vector3(0, 1.6, -5.6), brick)
	_box(Vector3(0.4, 2.6, 12), Vector3(-5.8, 1.3, 0), plaster)
	_box(Vector3(0.4, 2.2, 12), Vector3(5.8, 1.1, 0), plaster)
	_box(Vector3(13, 2.4, 0.4), Vector3(0, 1.2, 6.2), brick)
	_box(Vector3(13.2, 0.2, 0.7), Vector3(0, 3.3, -5.6), stone)
	for x: float in [-3.2, 0.4, 3.6]:
		_box(Vector3(1.2, 2.1, 0.12), Vector3(x, 1.05, -5.36), door)
		_box(Vector3(1.5, 0.18, 0.3), Vector3(x, 2.2, -5.35), stone)
	for z: float in [-3.0, 0.2, 3.0]:
		_cylinder(0.2, 2.7, Vector3(-4.6, 1.35, z), stone)
		_box(Vector3(0.6, 0.2, 0.6), Vector3(-4.6, 2.75, z), stone)
	_box(Vector3(0.7, 0.22, 7.4), Vector3(-4.6, 2.95, 0), wood)
	for step in 3:
		_box(Vector3(2.4, 0.2, 0.5), Vector3(2.6, 0.1 + 0.2 * step, -4.2 - 0.45 * step), stone)
	_box(Vector3(1.8, 0.1, 0.5), Vector3(1.9, 0.46, -2.3), wood, 0.25)
	for side: float in [-0.7, 0.7]:
		_box(Vector3(0.14, 0.42, 0.42), Vector3(1.9 + side, 0.21, -2.3 - side * 0.25), stone, 0.25)
	for crate: Array in [[-2.4, 0.35, -2.9, 0.7, 0.3], [-3.1, 0.28, -2.2, 0.56, 0.9], [-2.5, 0.95, -2.95, 0.5, 0.7], [3.9, 0.4, 1.8, 0.8, 0.5], [4.3, 0.3, 2.8, 0.6, 0.1]]:
		_box(Vector3.ONE * crate[3], Vector3(crate[0], crate[1], crate[2]), wood, crate[4])
	for tree: Vector3 in [Vector3(4.2, 0, -3.6), Vector3(-4.0, 0, 4.4)]:
		_cylinder(0.55, 0.5, tree + Vector3(0, 0.25, 0), stone, 0.65)
		_cylinder(0.12, 1.6, tree + Vector3(0, 1.1, 0), wood, 0.08)
		for ball_at: Vector3 in [Vector3(0, 2.2, 0), Vector3(0.45, 1.85, 0.2), Vector3(-0.4, 1.9, -0.2), Vector3(0.05, 1.8, -0.45)]:
			var crown := SphereMesh.new()
			crown.radius = 0.6
			crown.height = 1.1
			_mesh(crown, tree + ball_at, leaf)
	_cylinder(0.9, 0.5, Vector3(-2.9, 0.25, -0.8), stone)
	_cylinder(0.72, 0.02, Vector3(-2.9, 0.505, -0.8), Textures.material(Textures.blotches(Color(0.3, 0.5, 0.58), Color(0.2, 0.38, 0.5), 4), 1.0, true))
	_cylinder(0.1, 1.1, Vector3(-2.9, 0.8, -0.8), stone)


func _build_sign() -> void:
	var wood := Textures.material(Textures.planks(Color(0.36, 0.22, 0.12), Color(0.2, 0.12, 0.07)), 1.4, true)
	_box(Vector3(0.12, 2.6, 0.12), Vector3(0.6, 1.3, -3.6), wood)
	_box(Vector3(1.2, 0.1, 0.1), Vector3(1.1, 2.5, -3.6), wood)
	sign_board = Node3D.new()
	sign_board.name = "Sign"
	sign_board.position = Vector3(1.3, 2.45, -3.6)
	add_child(sign_board)
	var board := MeshInstance3D.new()
	var mesh := BoxMesh.new()
	mesh.size = Vector3(0.7, 0.5, 0.06)
	board.mesh = mesh
	board.position = Vector3(0, -0.45, 0)
	board.material_override = Textures.material(Textures.stripes(Color(0.2, 0.32, 0.62), Color(0.92, 0.82, 0.4)), 1.6, false)
	sign_board.add_child(board)


func _build_light() -> void:
	var sun := DirectionalLight3D.new()
	sun.name = "Sun"
	sun.rotation_degrees = Vector3(-46, 38, 0)
	sun.light_color = Color(1.0, 0.94, 0.84)
	sun.light_energy = 0.95
	sun.shadow_enabled = true
	sun.directional_shadow_mode = DirectionalLight3D.SHADOW_ORTHOGONAL
	sun.directional_shadow_max_distance = 22.0
	add_child(sun)
	var sky_material := ProceduralSkyMaterial.new()
	sky_material.sky_top_color = Color(0.28, 0.46, 0.72)
	sky_material.sky_horizon_color = Color(0.74, 0.78, 0.8)
	sky_material.ground_horizon_color = Color(0.6, 0.58, 0.55)
	var sky := Sky.new()
	sky.sky_material = sky_material
	var environment := Environment.new()
	environment.background_mode = Environment.BG_SKY
	environment.sky = sky
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = Color(0.66, 0.74, 0.86)
	environment.ambient_light_energy = 0.55
	environment.reflected_light_source = Environment.REFLECTION_SOURCE_DISABLED
	environment.tonemap_mode = Environment.TONE_MAPPER_LINEAR
	var world := WorldEnvironment.new()
	world.name = "Sky"
	world.environment = environment
	add_child(world)
