extends SceneTree
## What capturing costs the engine's main thread, beside what it costs to draw: on the addon's demo scene, at 256x144.
##
## In a project with the addon: `godot --path PROJECT --rendering-method METHOD --script res://capture_cost.gd`. Prints medians in
## milliseconds, and ratios within this one run.

const SCENE := "res://addons/playblast/demo/courtyard.scn"
const TICKS := 60
const SIZE := Vector2i(256, 144)

var _before := 0
var _is_asking := false
var _samples: Dictionary[String, PackedFloat64Array] = {}


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	var scene: Node = (load(SCENE) as PackedScene).instantiate()
	root.add_child(scene)
	var camera: Camera3D = scene.get_node("Camera")
	var player: AnimationPlayer = scene.get_node("AnimationPlayer")
	camera.make_current()
	player.play(player.get_animation_list()[0])
	var reader := PlayblastSceneReader.new(scene)
	var capture := PlayblastPlaneCapture.new(reader, SIZE)
	# Connected before the capture's own, and after: between the two lies the capture's part of a frame.
	RenderingServer.frame_pre_draw.connect(func() -> void: _before = Time.get_ticks_usec())
	root.add_child(capture)
	RenderingServer.frame_pre_draw.connect(func() -> void:
		if _is_asking:
			_add("ask: poses, mirrors, cameras", _before))
	await capture.warm_up(camera)
	_samples.clear()
	var captured: Array[PlayblastCapturedTick] = []
	capture.captured.connect(captured.append)
	for tick in TICKS:
		var start := Time.get_ticks_usec()
		capture.request(tick, tick / 24.0, camera)
		_is_asking = true
		await process_frame
		_is_asking = false
		_add("whole frame, capturing", start)
	while captured.size() < TICKS:
		await process_frame
	for tick in TICKS:
		var start := Time.get_ticks_usec()
		await process_frame
		_add("whole frame, not capturing", start)
	# What arrives later, on the same thread: turning pictures and splitting planes, each once a tick. Another thread packs and sends.
	var rgba := PackedByteArray()
	rgba.resize(SIZE.x * SIZE.y * 4)
	var words := PackedByteArray()
	words.resize(SIZE.x * SIZE.y * 4)
	var tap := PlayblastSurfaceTap.new() if RenderingServer.get_rendering_device() else null
	for tick in captured:
		var start := Time.get_ticks_usec()
		capture._take_image(rgba, -2, true)
		capture._take_image(rgba, -2, false)
		if tap:
			tap._split(words, SIZE, -2)
		_add("take: pictures and planes", start)
		start = Time.get_ticks_usec()
		var bytes := PlayblastProtocol.encode_stream_shot_request({"engine_frame": tick.message})
		_add("on a thread: pack the message", start)
		if tick == captured[0]:
			print("message: %d bytes" % bytes.size())
	if tap:
		tap.release()
	capture.queue_free()
	await process_frame
	_tell()
	quit()


func _add(what: String, since_usec: int) -> void:
	if not what in _samples:
		_samples[what] = PackedFloat64Array()
	_samples[what].append((Time.get_ticks_usec() - since_usec) / 1000.0)


func _tell() -> void:
	print("renderer: %s on %s" % [RenderingServer.get_current_rendering_method(), RenderingServer.get_video_adapter_name()])
	var ours := 0.0
	for what in _samples:
		var sorted := _samples[what].duplicate()
		sorted.sort()
		@warning_ignore("integer_division")
		var median := sorted[sorted.size() / 2]
		print("%-32s %8.3f ms, at best %.3f" % [what, median, sorted[0]])
		_samples[what] = PackedFloat64Array([median])
		if not what.begins_with("whole") and not what.begins_with("on a thread"):
			ours += median
	var drawing: float = _samples["whole frame, capturing"][0] - _samples["whole frame, not capturing"][0]
	print("main thread, beyond drawing: %.3f ms a tick, %.4f of what drawing the tick's pictures takes" % [ours, ours / drawing])
