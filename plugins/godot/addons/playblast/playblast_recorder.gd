class_name PlayblastRecorder
extends Node
## Streams a scene to a Playblast server tick by tick, lossless: scripted export and recording.
##
## Give it a camera and the nodes that move, then call `record`, which asks `pose_scene` to put the scene where it is at each
## tick, waits until that has been drawn, and sends its 3D truth. Every plane is of the same tick.

## A tick was sent.
signal tick_sent(tick: int)

## The camera to film with.
@export var camera: Camera3D
## Nodes to stream as objects; skeletons and lights are found by themselves.
@export var movable: Array[Node3D] = []
## Size of the pictures in pixels.
@export var frame_size := Vector2i(256, 144)
## Ticks a second.
@export_range(1.0, 240.0) var frame_rate := 24.0
## The server's WebSocket door.
@export var server_url := "ws://127.0.0.1:50071/v1/shot"
## Token of the server, where it asks for one.
@export var token := ""
## Name under which the server records a take; empty records none.
@export var record_as := ""

var _pictures := 0


## Streams `ticks` ticks. `pose_scene` is called with (tick, seconds) before each. Returns an empty string or what went wrong.
func record(root: Node, ticks: int, pose_scene: Callable) -> String:
	var reader := PlayblastSceneReader.new(root, movable)
	pose_scene.call(0, 0.0)
	var capture := PlayblastPlaneCapture.new(self, frame_size, camera, reader)
	# Skins, shadows and shaders take some frames to settle.
	for warm_up in 8:
		await capture.draw(camera)
	var stream := PlayblastShotStream.new()
	var failure := [""]
	stream.closed.connect(func(error: String) -> void: failure[0] = error)
	stream.frame_generated.connect(func(_frame: Dictionary) -> void: _pictures += 1)
	var error := stream.connect_to_server(server_url, _open_shot(reader), token)
	if error != OK:
		capture.free_views()
		return "no server answers at %s (%s); start one with: playblast serve" % [server_url, error_string(error)]
	for tick in ticks:
		var seconds := tick / frame_rate
		pose_scene.call(tick, seconds)
		await capture.draw(camera)
		while not stream.may_send() and not stream.is_over:
			stream.poll()
			OS.delay_msec(1)
		if stream.is_over:
			break
		if tick == 0:
			stream.send({"first_frame": {"plane": _first_frame(capture), "tick": 0}})
		stream.send({"engine_frame": {
			"tick": tick,
			"time": seconds,
			"camera": capture.camera_message(),
			"characters": reader.poses(),
			"objects": reader.object_poses(),
			"lights": reader.light_messages(camera.environment if camera.environment else camera.get_world_3d().environment),
			"planes": capture.read_planes(),
		}})
		stream.poll()
		tick_sent.emit(tick)
	stream.send({"close": {}})
	while not stream.is_over:
		stream.poll()
		OS.delay_msec(1)
	capture.free_views()
	if failure[0] == "" and stream.totals.get("received", 0) != ticks:
		return "the server received %d of %d ticks" % [stream.totals.get("received", 0), ticks]
	return failure[0]


## How many pictures came back.
func pictures() -> int:
	return _pictures


func _first_frame(capture: PlayblastPlaneCapture) -> Dictionary:
	return {
		"kind": PlayblastProtocol.PlaneKind.COLOUR,
		"format": PlayblastProtocol.PlaneFormat.U8,
		"size": {"width": frame_size.x, "height": frame_size.y},
		"row_order": PlayblastProtocol.RowOrder.TOP_FIRST,
		"colour_space": PlayblastProtocol.ColourSpace.SRGB,
		"data": capture.read_picture().get_data(),
	}


func _open_shot(reader: PlayblastSceneReader) -> Dictionary:
	return {
		"protocol_version": {"major": 1, "minor": 0},
		"client_name": "playblast-godot",
		"client_version": "0.1.0",
		"convention": {
			"handedness": PlayblastProtocol.Handedness.RIGHT,
			"up": PlayblastProtocol.Axis.POSITIVE_Y,
			"camera_forward": PlayblastProtocol.Axis.NEGATIVE_Z,
			"metres_per_unit": 1.0,
		},
		"frame_size": {"width": frame_size.x, "height": frame_size.y},
		"frame_rate": frame_rate,
		"mode": PlayblastProtocol.ShotMode.EXPORT,
		"scene": reader.declare(camera.near, camera.far),
		"record_as": record_as,
	}
