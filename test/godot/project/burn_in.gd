extends Node3D
## A red ball that tells the tick by where it is: one cell of a grid of 16 x 15 a tick, from the top left. For exports.

const COLUMNS := 16
const ROWS := 15
const TICKS := COLUMNS * ROWS
const FRAME_RATE := 24.0
## Of the orthographic camera, in metres; a cell is as wide as high in metres only by chance.
const HEIGHT := 9.0
const WIDTH := 16.0

var _player := AnimationPlayer.new()


func _ready() -> void:
	var ball := _mesh(SphereMesh.new(), Color.RED, "Ball")
	ball.scale = Vector3.ONE * 0.9
	var wall := _mesh(BoxMesh.new(), Color(0.5, 0.55, 0.5), "Wall")
	wall.scale = Vector3(40.0, 40.0, 1.0)
	wall.position.z = -2.0
	var camera := Camera3D.new()
	camera.name = "Camera"
	camera.set_orthogonal(HEIGHT, 0.1, 20.0)
	camera.position.z = 5.0
	add_child(camera)
	_player.name = "AnimationPlayer"
	add_child(_player)
	var library := AnimationLibrary.new()
	library.add_animation(&"count", _count())
	_player.add_animation_library(&"", library)
	var shot := PlayblastShot.new()
	shot.name = "Counting"
	shot.animation_player = _player
	shot.frame_size = Vector2i(192, 108)
	shot.frame_rate = FRAME_RATE
	add_child(shot)


func _count() -> Animation:
	var animation := Animation.new()
	animation.length = TICKS / FRAME_RATE
	var track := animation.add_track(Animation.TYPE_POSITION_3D)
	animation.track_set_path(track, ^"Ball")
	animation.track_set_interpolation_type(track, Animation.INTERPOLATION_NEAREST)
	for tick in TICKS:
		var column := tick % COLUMNS
		@warning_ignore("integer_division")
		var row := tick / COLUMNS
		var place := Vector3((column + 0.5) / COLUMNS * WIDTH - WIDTH / 2.0, HEIGHT / 2.0 - (row + 0.5) / ROWS * HEIGHT, 0.0)
		animation.position_track_insert_key(track, tick / FRAME_RATE, place)
	return animation


func _mesh(mesh: Mesh, colour: Color, title: String) -> MeshInstance3D:
	var instance := MeshInstance3D.new()
	instance.name = title
	instance.mesh = mesh
	var material := StandardMaterial3D.new()
	material.albedo_color = colour
	material.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	instance.material_override = material
	add_child(instance)
	return instance
