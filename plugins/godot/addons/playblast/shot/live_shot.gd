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

const FIRST_WAIT_SECONDS := 0.5
const LONGEST_WAIT_SECONDS := 5.0
## Without a change for so long, an edited scene's last ticks are painted though they fill no chunk.
const IDLE_SECONDS := 0.2
## Seconds over which the rate is measured.
const RATE_SECONDS := 2.0
## Pictures that may wait for their turn to be shown, as chunks of this length; older ones are skipped.
const MOST_WAITING_CHUNKS := 2
## Engine pictures kept for ticks whose answer is not there yet.
const MOST_KEPT := 256

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
var _next_wait := FIRST_WAIT_SECONDS
var _last_source := 0
var _cut_waits := false
## The first frame's message and the EngineFrame that it shows; empty before there is one.
var _look := {}
var _look_file := PackedByteArray()
var _wants_look := false
var _engine_pictures: Dictionary[int, Image] = {}
var _drawn_msec: Dictionary[int, int] = {}
var _due: Array[PlayblastPicture] = []
var _last_shown_msec := 0
var _arrivals: Array[int] = []
var _last_latency := 0.0
var _was := 0
var _idle := 0.0
var _is_flushed := true


## Streams what `shot` says of the scene under `root`; with `record_as` the server also records it as a take of that name.
func _init(shot: PlayblastShot, root: Node, record_as := "") -> void:
	_shot = shot
	_root = root
	_record_as = record_as
	_is_edited = root.is_part_of_edited_scene()
	name = "PlayblastLiveShot"


func _ready() -> void:
	# Scenes that are paused are still looked at.
	process_mode = Node.PROCESS_MODE_ALWAYS
	add_child(_probe)
	_camera = PlayblastShotCamera.new(_root, _shot.camera)
	_reader = PlayblastSceneReader.new(_root, _shot.objects)
	_capture = PlayblastPlaneCapture.new(_reader, _shot.frame_size)
	_capture.captured.connect(_send)
	add_child(_capture)
	_root.tree_exiting.connect(stop)
	_connect_to_server()


func _exit_tree() -> void:
	stop()


## Ends the shot. Safe to call twice.
func stop() -> void:
	if _stream and not _stream.is_over:
		_stream.send({"close": {}})
		_stream.abandon()
	_stream = null
	if state != State.STOPPED:
		_enter(State.STOPPED, tr("Stopped"))


## Lets the picture stand still, or go on.
func freeze(is_frozen: bool) -> void:
	if is_frozen and state == State.LIVE:
		_due.clear()
		_enter(State.FROZEN, tr("Frozen at tick %d") % (shown.tick if shown else _tick))
	elif not is_frozen and state == State.FROZEN:
		_enter(State.LIVE, _live_text())


## Takes a new look from the next tick on: an encoded picture (PNG, JPEG, WebP), or the engine's own where it is empty.
func take_look(file := PackedByteArray()) -> void:
	_look_file = file
	_wants_look = true
	_was = 0


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
		if _wait <= 0.0:
			_connect_to_server()
		return
	if _stream:
		_stream.poll()
	_show_due()
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
	_capture.request(_tick, _tick / _shot.frame_rate, source)


## In an edited scene nothing is sent while nothing happens; what was sent is painted, though it may not fill a chunk.
func _has_changed(source: Camera3D) -> bool:
	var lights := _reader.lights.map(func(light: Light3D) -> Array: return [light.global_transform, light.light_energy, light.light_color, light.visible])
	var is_now := hash([source.get_instance_id(), source.get_camera_transform(), source.get_camera_projection(), _reader.poses(), _reader.object_poses(), lights, _wants_look])
	if is_now != _was:
		_was = is_now
		_idle = 0.0
		_is_flushed = false
		return true
	_idle += 1.0 / _shot.frame_rate
	if _idle >= IDLE_SECONDS and not _is_flushed:
		_is_flushed = true
		_stream.send({"flush": {}})
	return false


func _connect_to_server() -> void:
	_enter(State.CONNECTING, tr("Connecting to %s ...") % _shot.server())
	var result := await _probe.ask(_shot.server(), _shot.token)
	if state != State.CONNECTING or not is_inside_tree():
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
	if state != State.CONNECTING:
		_enter(State.CONNECTING, tr("The scene has something new; opening a new shot ..."))
	var problem: Array[String] = []
	if _look.is_empty() and _look_file.is_empty():
		_look_file = _shot.first_frame_bytes(problem)
	if not problem.is_empty():
		_fail(problem[0])
		return
	_reader.refresh()
	_declared_revision = _reader.revision
	var open := PlayblastShotMessages.open_shot(_shot, _reader, source, PlayblastProtocol.ShotMode.LIVE, _record_as)
	_declared = open.scene
	_stream = PlayblastShotStream.new()
	_stream.opened.connect(_on_opened)
	_stream.frame_generated.connect(_on_frame_generated)
	_stream.frame_dropped.connect(_on_frame_dropped)
	_stream.notice_received.connect(func(_kind: int, message: String) -> void: notice_received.emit(message))
	_stream.closed.connect(_on_closed)
	_stream.connect_to_server(_shot.server().shot_url(), open, _shot.token)


func _on_opened(message: Dictionary) -> void:
	ready_message = message
	_next_wait = FIRST_WAIT_SECONDS
	_last_source = 0
	_was = 0
	_engine_pictures.clear()
	_drawn_msec.clear()
	if not _look.is_empty() and _fits_declared(_look.engine_frame):
		_stream.send({"first_frame": _look.first_frame})
		_stream.send({"engine_frame": _look.engine_frame})
	else:
		_wants_look = true
		await _capture.warm_up(_camera.now())
		if _stream == null or _stream.is_over:
			return
	_enter(State.LIVE, _live_text())


## Whether an old tick speaks of all that is declared now; a look of one that does not is made anew.
func _fits_declared(frame: Dictionary) -> bool:
	var ids := func(things: Array) -> Array: return things.map(func(thing: Dictionary) -> String: return thing.id)
	return ids.call(frame.characters) == ids.call(_declared.characters) and ids.call(frame.objects) == ids.call(_declared.objects)


func _send(captured: PlayblastCapturedTick) -> void:
	if state != State.LIVE or _stream == null or not _stream.may_send():
		return
	var source := _camera.now()
	var id := source.get_instance_id() if source else 0
	if _cut_waits or (_last_source != 0 and id != _last_source):
		_stream.send({"cut": {}})
	_cut_waits = false
	_last_source = id
	if _wants_look:
		_wants_look = false
		_look = {
			"first_frame": PlayblastShotMessages.first_frame(captured.tick, captured.picture, _look_file),
			"engine_frame": captured.message,
		}
		_stream.send({"first_frame": _look.first_frame})
	_engine_pictures[captured.tick] = captured.picture
	_drawn_msec[captured.tick] = Time.get_ticks_msec()
	if _engine_pictures.size() > MOST_KEPT:
		_forget(_engine_pictures.keys()[0])
	_stream.send({"engine_frame": captured.message})


func _on_frame_generated(frame: Dictionary) -> void:
	var tick: int = frame.get("tick", 0)
	# The tick of a look that was sent again is none of ours.
	if not tick in _engine_pictures:
		return
	_arrivals.append(Time.get_ticks_msec())
	var picture := PlayblastPicture.new()
	picture.tick = tick
	picture.generated = PlayblastShotMessages.image_of(frame)
	picture.engine = _engine_pictures[tick]
	picture.latency_ms = Time.get_ticks_msec() - _drawn_msec[tick]
	picture.coverage = frame.get("coverage_percent", 0.0)
	_last_latency = picture.latency_ms
	_forget(tick)
	_due.append(picture)
	if not PlayblastSettings.of_project(PlayblastSettings.SMOOTH):
		_due = [picture]
	while _due.size() > MOST_WAITING_CHUNKS * int(ready_message.get("chunk_length", 4)):
		_due.pop_front()


## A chunk's pictures arrive together: the first is shown at once, the others in the time of their ticks.
func _show_due() -> void:
	if _due.is_empty() or state == State.FROZEN:
		return
	var now := Time.get_ticks_msec()
	# A display frame may come a little early.
	if now - _last_shown_msec < 1000.0 / _shot.frame_rate - 4.0:
		return
	_last_shown_msec = now
	shown = _due.pop_front()
	picture_shown.emit(shown)


func _on_frame_dropped(tick: int, reason: int) -> void:
	_forget(tick)
	tick_dropped.emit(tick, reason)


func _on_closed(error: String) -> void:
	var was_refused := _stream.was_refused
	_stream = null
	if was_refused:
		_fail(tr("The server refused the shot: %s") % error)
	elif state != State.STOPPED:
		_try_again(error if error != "" else tr("The server ended the shot"))


func _try_again(reason: String) -> void:
	_wait = _next_wait
	_next_wait = minf(_next_wait * 2.0, LONGEST_WAIT_SECONDS)
	_due.clear()
	_enter(State.WAITING, tr("%s\nTrying again until it answers ...") % reason)


func _fail(reason: String) -> void:
	if _stream:
		_stream.abandon()
		_stream = null
	_enter(State.FAILED, reason)


func _forget(tick: int) -> void:
	_engine_pictures.erase(tick)
	_drawn_msec.erase(tick)


func _live_text() -> String:
	return tr("Live: %s on %s") % [ready_message.get("model", ""), ready_message.get("provider", "")]


func _enter(new_state: State, text: String) -> void:
	if new_state == state and text == state_text:
		return
	state = new_state
	state_text = text
	state_changed.emit(state, text)
