@tool
class_name PlayblastLiveShot
extends Node
## Streams a scene to a server while it plays or is edited, and shows what comes back. Finds the server again when it goes away.
##
## The look survives: the first frame is kept together with the tick that it shows, and both are sent again when the server
## comes back, or when the scene gets another character or object, which takes a new shot.

## The state changed; `text` says it in words.
signal state_changed(state: State, text: String)
## A picture is to be shown now.
signal picture_shown(picture: PlayblastPicture)
## A tick will have no picture; `reason` is a PlayblastProtocol.DropReason.
signal tick_dropped(tick: int, reason: int)
## The server has something to say that ends nothing.
signal notice_received(message: String)

enum State {
	STOPPED,
	## Asking the server, or opening the shot.
	CONNECTING,
	## Ticks go out, pictures come back.
	LIVE,
	## The picture stands still, and nothing is captured.
	FROZEN,
	## The server is away; it is asked again soon.
	WAITING,
	## The user has something to do: a token, an address, a camera.
	FAILED,
}

const NO_TICK := -1
## Without a change for so long, an edited scene's last ticks are painted though they fill no chunk.
const IDLE_SECONDS := 0.2
## Seconds over which the rate is measured.
const RATE_SECONDS := 2.0
## A tick that was asked for and did not come in this time never will.
const LOST_TICK_SECONDS := 2.0
## What a server's second take of the same shot is called.
const PART_FORMAT := "%s-part%d"
## Ticks kept whose picture is not there yet.
const MOST_KEPT := 64
## Pictures whose tick can still be held for a look: see `hold`.
const MOST_RECENT := 16

var state := State.STOPPED
var state_text := ""
## The ShotReady message of the open shot.
var ready_message := {}
## The server's answer to what it is and has: see PlayblastServerProbe.
var about := {}
## The picture that is shown.
var shown: PlayblastPicture

var _shot: PlayblastShot
var _root: Node
var _record_as: String
var _is_edited: bool
var _reader: PlayblastSceneReader
var _capture: PlayblastPlaneCapture
var _camera: PlayblastShotCamera
var _probe := PlayblastServerProbe.new()
var _stream: PlayblastShotStream
var _declared := {}
var _declared_revision := 0
var _tick := -1
var _clock := 0.0
var _wait := 0.0
var _next_wait := PlayblastServerProbe.FIRST_WAIT_SECONDS
var _is_asking := false
var _is_frozen := false
var _warm_frames := 0
var _parts := 0
## The camera of each tick that was asked for, and of the last one that was sent.
var _sources: Dictionary[int, int] = {}
var _last_source := 0
## Ticks that a cut comes before, because somebody said so.
var _cuts: Dictionary[int, bool] = {}
var _cut_waits := false
## The first frame's message and the EngineFrame that it shows; empty before there is one.
var _look := {}
var _look_file := PackedByteArray()
var _wants_look := false
## The EngineFrame that `hold` was asked to keep.
var _held := {}
## Ticks on their way to a picture.
var _sent: Dictionary[int, PlayblastCapturedTick] = {}
var _recent: Array[PlayblastPicture] = []
## Ticks before this one speak of what an earlier shot declared.
var _first_tick := 0
var _queue := PlayblastPictureQueue.new()
var _now_msec := 0
var _arrivals: Array[int] = []
var _last_latency := 0.0
var _was := 0
var _changed_msec := 0
var _is_flushed := true


## Streams what `shot` says of the scene under `root`; with `record_as` the server also records it as a take of that name.
func _init(shot: PlayblastShot, root: Node, record_as := "") -> void:
	_shot = shot
	_root = root
	_record_as = record_as
	set_translation_domain(PlayblastTranslation.DOMAIN)
	_is_edited = root.is_part_of_edited_scene()
	name = "PlayblastLiveShot"


func _ready() -> void:
	# Scenes that are paused are still looked at.
	process_mode = Node.PROCESS_MODE_ALWAYS
	add_child(_probe)
	_camera = PlayblastShotCamera.new(_root, _shot.camera)
	_reader = PlayblastSceneReader.new(_root, _shot.objects)
	_capture = PlayblastPlaneCapture.new(_reader, _shot.frame_size)
	_capture.with_materials = _shot.send_materials
	_capture.captured.connect(_send)
	add_child(_capture)
	_root.tree_exiting.connect(stop)
	_enter(State.CONNECTING, tr("Connecting to %s ...") % _shot.server())
	_connect_to_server()


func _exit_tree() -> void:
	stop()


## Ends the shot for good, and takes all that captures it out of the scene. Safe to call twice.
func stop() -> void:
	if _stream and not _stream.is_over:
		_stream.send({"close": {}})
		_stream.abandon()
	_stream = null
	if is_instance_valid(_root) and _root.tree_exiting.is_connected(stop):
		_root.tree_exiting.disconnect(stop)
	if is_instance_valid(_capture):
		_capture.queue_free()
		_capture = null
	if state != State.STOPPED:
		_enter(State.STOPPED, tr("Stopped"))
	_probe.cancel()


## Lets the picture stand still, or go on.
func freeze(is_frozen: bool) -> void:
	_is_frozen = is_frozen
	if state in [State.LIVE, State.FROZEN]:
		_go_live()


## Says that something of an edited scene may look different now, so that it is captured again.
func touch() -> void:
	_was = 0


## Takes a new look from the next tick on: an encoded picture (PNG, JPEG, WebP), or the engine's own where it is empty.
## `of_tick` is the tick of `hold` that the picture is painted over.
func take_look(file := PackedByteArray(), of_tick := NO_TICK) -> void:
	_look_file = file
	touch()
	_wants_look = of_tick == NO_TICK or _held.get("tick", NO_TICK) != of_tick or not _fits_declared(_held)
	if _wants_look:
		return
	# Ticks only go up: the scene goes back to where it was painted for a tick of its own.
	_tick += 1
	var frame := _held.duplicate()
	frame.tick = _tick
	_look = {"first_frame": PlayblastShotMessages.first_frame(_tick, null, file), "engine_frame": frame}
	if state == State.LIVE and _stream.may_send():
		_stream.send({"first_frame": _look.first_frame})
		_stream.send({"engine_frame": frame})


## Keeps the scene as it was at the tick of a picture that was shown lately, so that a look that is painted over that picture
## can be taken later.
func hold(tick: int) -> void:
	for picture in _recent:
		if picture.tick == tick:
			_held = picture.frame


## Says that the camera or the place jumps before the next tick.
func cut() -> void:
	_cut_waits = true


## New words for models that take text.
func change_prompt(prompt: String) -> void:
	_shot.prompt = prompt
	if _stream and _stream.may_send():
		_stream.send({"prompt_change": {"prompt": prompt}})


## Pictures a second that came back lately.
func rate() -> float:
	var since := Time.get_ticks_msec() - int(RATE_SECONDS * 1000.0)
	while not _arrivals.is_empty() and _arrivals[0] < since:
		_arrivals.pop_front()
	return _arrivals.size() / RATE_SECONDS


## Milliseconds from the engine's drawing of a tick to its picture, of the newest picture.
func latency_ms() -> float:
	return _last_latency


func _process(delta: float) -> void:
	if state == State.WAITING:
		_wait -= delta
		if _wait <= 0.0 and not _is_asking:
			_connect_to_server()
		return
	# One time for all that a poll brings: reading pictures takes some.
	_now_msec = Time.get_ticks_msec()
	if _stream:
		_stream.poll()
	_show_due(delta)
	if _warm_frames > 0 and _stream:
		_warm_up()
	if state != State.LIVE:
		return
	_clock += delta
	if _clock >= 1.0 / _shot.frame_rate and not _capture.is_waiting():
		_clock = fmod(_clock, 1.0 / _shot.frame_rate)
		_ask_for_tick()


func _ask_for_tick() -> void:
	var source := _camera.now()
	if source == null:
		_fail(tr("The scene has no camera any more. Add a Camera3D, then press Connect."))
		return
	_reader.refresh()
	if _reader.watch() or (_reader.revision != _declared_revision and _reader.differs_from(_declared)):
		# Characters and objects are declared once a shot.
		_stream.abandon()
		_open_shot()
		return
	if _is_edited and not _has_changed(source):
		return
	_tick += 1
	_sources[_tick] = source.get_instance_id()
	if _cut_waits:
		_cuts[_tick] = true
		_cut_waits = false
	_capture.request(_tick, _tick / _shot.frame_rate, source)


## In an edited scene nothing is sent while nothing happens; what was sent is painted, though it may not fill a chunk.
func _has_changed(source: Camera3D) -> bool:
	var is_now := hash([
		source.get_instance_id(), source.get_camera_transform(), source.get_camera_projection(), source.cull_mask,
		_reader.poses(), _reader.object_poses(), _reader.lights.map(_light_now), _reader.surfaces.map(_surface_now),
		_capture.material_changes()])
	if is_now != _was:
		_was = is_now
		_changed_msec = Time.get_ticks_msec()
		_is_flushed = false
		return true
	var idle := (Time.get_ticks_msec() - _changed_msec) / 1000.0
	# A tick takes some frames to arrive; a flush before it would leave it unpainted.
	if not _is_flushed and idle >= IDLE_SECONDS and (_sources.is_empty() or idle >= LOST_TICK_SECONDS):
		_is_flushed = true
		_sources.clear()
		_stream.send({"flush": {}})
	return false


func _light_now(light: Light3D) -> Array:
	return [light.global_transform, light.light_energy, light.light_color, light.is_visible_in_tree(), light.shadow_enabled]


func _surface_now(surface: Node3D) -> Array:
	var mesh := surface as MeshInstance3D
	var shapes := range(mesh.get_blend_shape_count()).map(mesh.get_blend_shape_value) if mesh else []
	return [surface.is_visible_in_tree(), shapes]


func _connect_to_server() -> void:
	_is_asking = true
	var result := await _probe.ask(_shot.server(), _shot.token)
	_is_asking = false
	if not state in [State.CONNECTING, State.WAITING] or not is_inside_tree():
		return
	match result:
		PlayblastServerProbe.Result.ANSWERED:
			about = _probe.about
			_open_shot()
		PlayblastServerProbe.Result.MISSING when _shot.server().problem() == "":
			_try_again(_probe.message)
		_:
			_fail(_probe.message)


func _open_shot() -> void:
	var source := _camera.now()
	if source == null:
		_fail(tr("The scene has no camera. Add a Camera3D, then press Connect."))
		return
	if state in [State.LIVE, State.FROZEN]:
		_enter(State.CONNECTING, tr("The scene has something new; opening a new shot ..."))
	elif state == State.WAITING:
		_enter(State.CONNECTING, tr("The server is back; opening the shot again ..."))
	var problem: Array[String] = []
	if _look.is_empty() and _look_file.is_empty():
		_look_file = _shot.first_frame_bytes(problem)
	if not problem.is_empty():
		_fail(problem[0])
		return
	_reader.refresh()
	_declared_revision = _reader.revision
	_warm_frames = 0
	_first_tick = _tick + 1
	var open := PlayblastShotMessages.open_shot(_shot, _reader, source, PlayblastProtocol.ShotMode.LIVE, _next_take())
	_declared = open.scene
	_stream = PlayblastShotStream.new()
	_stream.opened.connect(_on_opened)
	_stream.frame_generated.connect(_on_frame_generated)
	_stream.frame_dropped.connect(_on_frame_dropped)
	_stream.notice_received.connect(func(_kind: int, message: String) -> void: notice_received.emit(message))
	_stream.closed.connect(_on_closed)
	_stream.connect_to_server(_shot.server().shot_url(), open, _shot.token)


## A server writes each take once; a shot that is opened again goes on in another.
func _next_take() -> String:
	if _record_as == "":
		return ""
	_parts += 1
	return _record_as if _parts == 1 else PART_FORMAT % [_record_as, _parts]


func _on_opened(message: Dictionary) -> void:
	ready_message = message
	_next_wait = PlayblastServerProbe.FIRST_WAIT_SECONDS
	_last_source = 0
	_sources.clear()
	touch()
	_sent.clear()
	if not _look.is_empty() and _fits_declared(_look.engine_frame):
		_stream.send({"first_frame": _look.first_frame})
		_stream.send({"engine_frame": _look.engine_frame})
	else:
		_wants_look = true
		_warm_frames = PlayblastPlaneCapture.WARM_UP_FRAMES
		return
	_go_live()


## Skins, shadows and shaders settle before a look is taken.
func _warm_up() -> void:
	var source := _camera.now()
	if source:
		_capture.warm(source)
	_warm_frames -= 1
	if _warm_frames == 0:
		_go_live()


func _go_live() -> void:
	if _is_frozen:
		_queue.clear()
		_enter(State.FROZEN, tr("Frozen at tick %d") % (shown.tick if shown else maxi(_tick, 0)))
		return
	# What was captured meanwhile was not sent.
	touch()
	_enter(State.LIVE, "%s\n%s" % [tr("Live: %s on %s") % [ready_message.get("model", ""), ready_message.get("provider", "")], _signals()])


## What the shot is painted from, in words: see PlayblastShotMessages.controls.
func _signals() -> String:
	if _shot.send_materials:
		return tr("From: depth, owner ids, shade, albedo, surface ids, colour")
	return tr("From: depth, owner ids, shade")


## Whether an old tick speaks of all that is declared now; a look of one that does not is made anew.
func _fits_declared(frame: Dictionary) -> bool:
	return PlayblastSceneReader.ids_of(frame) == PlayblastSceneReader.ids_of(_declared)


func _send(captured: PlayblastCapturedTick) -> void:
	if state != State.LIVE or _stream == null or not _stream.may_send() or captured.tick < _first_tick:
		_cut_waits = _cut_waits or captured.tick in _cuts
		return
	var source: int = _sources.get(captured.tick, _last_source)
	if captured.tick in _cuts or (_last_source != 0 and source != _last_source):
		_stream.send({"cut": {}})
	for known: Dictionary in [_sources, _cuts]:
		known.erase(captured.tick)
	_last_source = source
	if _wants_look:
		_wants_look = false
		_look = {
			"first_frame": PlayblastShotMessages.first_frame(captured.tick, captured.picture, _look_file),
			"engine_frame": captured.message,
		}
		_stream.send({"first_frame": _look.first_frame})
	_sent[captured.tick] = captured
	if _sent.size() > MOST_KEPT:
		_sent.erase(_sent.keys()[0])
	_stream.send({"engine_frame": captured.message})


func _on_frame_generated(frame: Dictionary) -> void:
	var tick: int = frame.get("tick", 0)
	# The tick of a look that was sent again is none of ours.
	if not tick in _sent:
		return
	_arrivals.append(Time.get_ticks_msec())
	var picture := PlayblastPicture.new()
	picture.tick = tick
	picture.generated = PlayblastShotMessages.image_of(frame)
	picture.engine = _sent[tick].picture
	picture.frame = _sent[tick].message
	picture.latency_ms = Time.get_ticks_msec() - _sent[tick].drawn_msec
	picture.coverage = frame.get("coverage_percent", 0.0)
	_last_latency = picture.latency_ms
	_sent.erase(tick)
	_queue.is_smooth = PlayblastSettings.of_project(PlayblastSettings.SMOOTH)
	_queue.add(picture, _now_msec, 1000.0 / _shot.frame_rate)


func _show_due(delta: float) -> void:
	var picture := _queue.take(_now_msec, delta * 1000.0) if state != State.FROZEN else null
	if picture:
		shown = picture
		_recent.append(picture)
		if _recent.size() > MOST_RECENT:
			_recent.pop_front()
		picture_shown.emit(picture)


func _on_frame_dropped(tick: int, reason: int) -> void:
	_sent.erase(tick)
	tick_dropped.emit(tick, reason)


func _on_closed(error: String) -> void:
	var was_refused := _stream.was_refused
	_stream = null
	if was_refused:
		_fail(tr("The server refused the shot: %s") % error)
	elif state != State.STOPPED:
		_try_again(error if error != "" else tr("The server ended the shot."))


func _try_again(reason: String) -> void:
	_wait = _next_wait
	_next_wait = PlayblastServerProbe.longer_wait(_next_wait)
	_queue.clear()
	_enter(State.WAITING, tr("%s\nTrying again until it answers ...") % reason)


func _fail(reason: String) -> void:
	if _stream:
		_stream.abandon()
		_stream = null
	_enter(State.FAILED, reason)


func _enter(new_state: State, text: String) -> void:
	if new_state == state and text == state_text:
		return
	state = new_state
	state_text = text
	state_changed.emit(state, text)
