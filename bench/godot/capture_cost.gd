extends SceneTree
## What capturing costs the engine's main thread, beside what it costs to draw: on the addon's demo scene, at 256x144, without and with albedo,
## surface ids and colour.
##
## In a project with the addon: `godot --path PROJECT --rendering-method METHOD --script res://capture_cost.gd`. Prints medians in
## milliseconds, and ratios within this one run.

const SCENE := "res://addons/playblast/demo/courtyard.scn"
const TICKS := 60
const SIZE := Vector2i(256, 144)

var _camera: Camera3D
var _before := 0
var _is_asking := false
var _samples: Dictionary[String, PackedFloat64Array] = {}


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	var scene: Node = (load(SCENE) as PackedScene).instantiate()
	root.add_child(scene)
	_camera = scene.get_node("Camera")
	var player: AnimationPlayer = scene.get_node("AnimationPlayer")
	_camera.make_current()
	player.play(player.get_animation_list()[0])
	print("renderer: %s on %s" % [RenderingServer.get_current_rendering_method(), RenderingServer.get_video_adapter_name()])
	var without := await _measure(scene, false)
	var with := await _measure(scene, true)
	print("albedo, surface ids and colour: %.3f ms a tick more, %.2f times what the others take" % [with - without, with / without])
	quit()


## The main thread's milliseconds a tick, beyond drawing.
func _measure(scene: Node, with_materials: bool) -> float:
	_samples.clear()
	var reader := PlayblastSceneReader.new(scene)
	var capture := PlayblastPlaneCapture.new(reader, SIZE)
	capture.with_materials = with_materials
	# Connected before the capture's own, and after: between the two lies the capture's part of a frame.
	var begin := func() -> void: _before = Time.get_ticks_usec()
	var end := func() -> void:
		if _is_asking:
			_add("ask: poses, mirrors, cameras", _before)
	RenderingServer.frame_pre_draw.connect(begin)
	root.add_child(capture)
	RenderingServer.frame_pre_draw.connect(end)
	await capture.warm_up(_camera)
	_samples.clear()
	var captured: Array[PlayblastCapturedTick] = []
	capture.captured.connect(captured.append)
	for tick in TICKS:
		var start := Time.get_ticks_usec()
		capture.request(tick, tick / 24.0, _camera)
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
	_take_again(capture, captured, with_materials)
	RenderingServer.frame_pre_draw.disconnect(begin)
	RenderingServer.frame_pre_draw.disconnect(end)
	capture.queue_free()
	await process_frame
	return _tell("with materials" if with_materials else "without materials")


## What arrives later, on the same thread: turning pictures and splitting planes, each once a tick. Another thread packs and sends.
func _take_again(capture: PlayblastPlaneCapture, captured: Array[PlayblastCapturedTick], with_materials: bool) -> void:
	var rgba := PackedByteArray()
	rgba.resize(SIZE.x * SIZE.y * 4)
	var words := PackedByteArray()
	words.resize(SIZE.x * SIZE.y * 2 * PlayblastSurfaceTap.PLANES)
	var has_device := RenderingServer.get_rendering_device() != null
	var surface_tap := PlayblastSurfaceTap.new() if has_device else null
	var albedo_tap := PlayblastAlbedoTap.new() if has_device and with_materials else null
	for tick in captured:
		var start := Time.get_ticks_usec()
		capture._take_image(rgba, -2, true)
		capture._take_image(rgba, -2, false)
		if surface_tap:
			surface_tap._split(words, SIZE, -2)
		if albedo_tap:
			albedo_tap._split(rgba, SIZE, -2)
		elif with_materials:
			capture._take_image(rgba, -2, false)
		_add("take: pictures and planes", start)
		start = Time.get_ticks_usec()
		var bytes := PlayblastProtocol.encode_stream_shot_request({"engine_frame": tick.message})
		_add("on a thread: pack the message", start)
		if tick == captured[0]:
			print("message: %d bytes" % bytes.size())
	for tap: PlayblastViewTap in [surface_tap, albedo_tap]:
		if tap:
			tap.release()


func _add(what: String, since_usec: int) -> void:
	if not what in _samples:
		_samples[what] = PackedFloat64Array()
	_samples[what].append((Time.get_ticks_usec() - since_usec) / 1000.0)


func _tell(what_for: String) -> float:
	print(what_for)
	var ours := 0.0
	for what in _samples:
		var sorted := _samples[what].duplicate()
		sorted.sort()
		@warning_ignore("integer_division")
		var median := sorted[sorted.size() / 2]
		print("  %-32s %8.3f ms, at best %.3f" % [what, median, sorted[0]])
		_samples[what] = PackedFloat64Array([median])
		if not what.begins_with("whole") and not what.begins_with("on a thread"):
			ours += median
	var drawing: float = _samples["whole frame, capturing"][0] - _samples["whole frame, not capturing"][0]
	print("  main thread, beyond drawing: %.3f ms a tick, %.4f of what drawing the tick's pictures takes" % [ours, ours / drawing])
	return ours
