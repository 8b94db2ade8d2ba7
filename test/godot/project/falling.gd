extends Node3D
## A crate that physics drops onto a floor, and a camera that another one takes over from: a scene that plays by itself.

const CUT_FRAME := 12

var _cameras: Array[Camera3D] = []
var _frames := 0


func _ready() -> void:
	var floor_shape := BoxShape3D.new()
	floor_shape.size = Vector3(8.0, 0.2, 8.0)
	_body(StaticBody3D.new(), floor_shape, Color.DARK_OLIVE_GREEN, "Floor")
	var crate_shape := BoxShape3D.new()
	crate_shape.size = Vector3.ONE
	var crate := _body(RigidBody3D.new(), crate_shape, Color.CRIMSON, "Crate")
	crate.position = Vector3(0.0, 2.5, 0.0)
	crate.rotation = Vector3(0.3, 0.2, 0.5)
	for at: Vector3 in [Vector3(0.0, 1.5, 5.0), Vector3(4.0, 2.0, 3.0)]:
		var camera := Camera3D.new()
		add_child(camera)
		camera.position = at
		camera.look_at(Vector3(0.0, 0.8, 0.0))
		camera.near = 0.1
		camera.far = 50.0
		_cameras.append(camera)
	_cameras[0].make_current()
	var light := DirectionalLight3D.new()
	light.rotation = Vector3(-0.9, 0.4, 0.0)
	add_child(light)
	var shot := PlayblastShot.new()
	shot.name = "Fall"
	shot.ticks = 24
	shot.frame_size = Vector2i(192, 108)
	add_child(shot)


func _process(_delta: float) -> void:
	_frames += 1
	if _frames == CUT_FRAME:
		_cameras[1].make_current()


func _body(body: PhysicsBody3D, shape: BoxShape3D, colour: Color, title: String) -> PhysicsBody3D:
	body.name = title
	var collision := CollisionShape3D.new()
	collision.shape = shape
	body.add_child(collision)
	var mesh := MeshInstance3D.new()
	mesh.mesh = BoxMesh.new()
	(mesh.mesh as BoxMesh).size = shape.size
	var material := StandardMaterial3D.new()
	material.albedo_color = colour
	mesh.material_override = material
	body.add_child(mesh)
	add_child(body)
	return body
