@tool
class_name PlayblastExport
extends Node
## Generates every tick of a shot, none lost: captures each tick once, sends it as the server has credit, and keeps what comes back.
##
## What was captured waits in a spool beside the pictures. When the server goes away, the export waits for it and sends the shot
## again from its first tick, since each picture builds on those before it: so the pictures are the same, to the byte, as without
## the interruption. When Godot ends, the next export of the same shot to the same place goes on from the spool.

## So many of all pictures are there.
signal advanced(done: int, all: int)
## Something the user should know and that ends nothing.
signal noticed(message: String)

const VIDEO := "mp4"
const PARTS_SUFFIX := ".frames"
const PART_FORMAT := "%s-%d"
## How far a frame's time may be off the shot's rate in a scene that plays by itself, in seconds.
const FIXED_STEP_TOLERANCE := 1e-4
## A server that does not come back in this time ends the export; what is there stays.
const PATIENCE_SECONDS := 120.0

var _shot: PlayblastShot
var _root: Node
var _path: String
var _pose_scene: Callable
var _record_as: String
var _spool := PlayblastExportSpool.new()
var _reader: PlayblastSceneReader
var _capture: PlayblastPlaneCapture
var _stream: PlayblastShotStream
var _ticks := 0
var _asked := 0
var _sent := 0
## Ticks before which the camera changed.
var _cuts: Dictionary[int, bool] = {}
var _failure := ""
var _is_cancelled := false
var _is_closing := false
var _received: Dictionary[int, bool] = {}
var _openings := 0


## Exports `shot`, of the scene under `root`, to `path`: an .mp4 file or a folder for PNG pictures. See PlayblastShot.export_to.
func _init(shot: PlayblastShot, root: Node, path: String, pose_scene: Callable, record_as: String) -> void:
	_shot = shot
	_root = root
	_path = path
	_pose_scene = pose_scene
	_record_as = record_as
	name = "PlayblastExport"
	set_translation_domain(PlayblastTranslation.DOMAIN)


## Runs the export. Returns "" or what went wrong.
func run() -> String:
	var was_paused := get_tree().paused
	process_mode = Node.PROCESS_MODE_ALWAYS
	var jitter_fix := Engine.physics_jitter_fix
	# Nothing may move while shaders settle and the server is asked.
	if not _poses():
		get_tree().paused = true
		Engine.physics_jitter_fix = 0.0
	var error := await _export()
	Engine.physics_jitter_fix = jitter_fix
	if is_inside_tree():
		get_tree().paused = was_paused
	return error


func _exit_tree() -> void:
	if _stream:
		_stream.abandon()


## Ends the export; what is there stays for the next one.
func cancel() -> void:
	_is_cancelled = true


func _export() -> String:
	var problem := _check()
	if problem != "":
		return problem
	var camera := PlayblastShotCamera.new(_root, _shot.camera)
	if camera.now() == null:
		return tr("The scene has no camera to film with. Add a Camera3D, or set the shot's camera.")
	_reader = PlayblastSceneReader.new(_root, _shot.objects)
	if _poses():
		# Whatever moves at some tick is found before the first is sent.
		for tick in _ticks:
			_pose(tick, true)
			_reader.watch()
		_pose(0)
		# Skeletons and CSG take their new shape at the end of a frame.
		await get_tree().process_frame
	var open := PlayblastShotMessages.open_shot(_shot, _reader, camera.now(), PlayblastProtocol.ShotMode.EXPORT, _record_as)
	var about := {"open": open, "ticks": _ticks, "first_frame": _first_frame_digest(), "scene": _root.scene_file_path}
	problem = _spool.open(_parts_folder(), about)
	if problem == "" and not _poses() and _spool.count() < _ticks and _spool.count() > 0:
		noticed.emit(tr("A scene that plays by itself cannot be gone on with in the middle; starting over."))
		_spool.remove()
		problem = _spool.open(_parts_folder(), about)
	if problem != "":
		return problem
	_asked = _spool.count()
	if _asked > 0:
		noticed.emit(tr("Going on with an export that was interrupted: %d of %d ticks are captured.") % [_asked, _ticks])
	_capture = PlayblastPlaneCapture.new(_reader, _shot.frame_size)
	_capture.with_materials = _shot.send_materials
	# Materials bring the same picture as COLOUR.
	_capture.with_truth = _record_as != "" and not _shot.send_materials
	_capture.captured.connect(_keep)
	add_child(_capture)
	if _asked < _ticks:
		await _capture.warm_up(camera.now())
	problem = await _connect_to_server(open)
	if problem != "":
		return problem
	if not _poses():
		await _begin_physics_pattern()
		get_tree().paused = false
	problem = await _generate(camera, open)
	if problem == "" and _path.get_extension() == VIDEO:
		problem = await _join()
	elif problem == "":
		_spool.keep_pictures()
	return problem


func _check() -> String:
	var errors: Array[String] = []
	_shot.first_frame_bytes(errors)
	if not errors.is_empty():
		return errors[0]
	if _path == "" and _record_as == "":
		return tr("An export needs a place to go: an .mp4 file or a folder.")
	if _path.get_extension() == VIDEO and not PlayblastCommand.find().is_there():
		return tr(PlayblastCommand.HOW_TO_GET) + " " + tr("Exports to a folder of PNG pictures work without it.")
	if _path.get_extension() not in ["", VIDEO]:
		return tr("%s: an export is an .mp4 file, or a folder of PNG pictures, whose name has no dot.") % _path
	_ticks = _shot.ticks
	if not _pose_scene.is_valid() and _shot.animation_player:
		if _animation() == null:
			return tr("The AnimationPlayer has no animation \"%s\". It has: %s.") % [_shot.animation, ", ".join(_shot.animation_player.get_animation_list())]
		if _ticks == 0:
			_ticks = maxi(1, roundi(_animation().length * _shot.frame_rate))
	if _ticks == 0:
		return tr("How long is the shot? Give it an AnimationPlayer, or set its ticks.")
	if not _poses() and _shot.frame_rate != roundf(_shot.frame_rate):
		return tr("A scene that plays by itself takes whole pictures a second, since --fixed-fps does, not %s. Give the shot an AnimationPlayer for other rates.") % String.num(_shot.frame_rate)
	if DisplayServer.get_name() == "headless":
		return tr("Godot draws nothing with --headless. Leave it out; where there is no display, run Godot under xvfb-run.")
	return ""


## Whether ticks are posed one by one; else the scene plays by itself.
func _poses() -> bool:
	return _pose_scene.is_valid() or _shot.animation_player != null


func _animation() -> Animation:
	var player := _shot.animation_player
	var chosen := _shot.animation if _shot.animation != &"" else StringName(player.get_animation_list()[0] if not player.get_animation_list().is_empty() else "")
	return player.get_animation(chosen) if player.has_animation(chosen) else null


## Puts the scene where it is at a tick; only to look at it, without the animation's calls and sounds, where it `is_rehearsal`.
func _pose(tick: int, is_rehearsal := false) -> void:
	var seconds := tick / _shot.frame_rate
	if _pose_scene.is_valid():
		_pose_scene.call(tick, seconds)
		return
	var player := _shot.animation_player
	if tick == 0:
		player.callback_mode_process = AnimationMixer.ANIMATION_CALLBACK_MODE_PROCESS_MANUAL
		player.play(player.find_animation(_animation()))
	player.seek(minf(seconds, _animation().length), true, is_rehearsal)


## Physics steps fall on frames in a pattern, as 2, 3, 2, 3 at 24 pictures and 60 steps a second, which goes on while the scene is
## paused. Waits until it begins anew, so that an export does not depend on how long that was.
func _begin_physics_pattern() -> void:
	var period := 1
	while period * Engine.physics_ticks_per_second % int(_shot.frame_rate) != 0:
		period += 1
	# At least one: the server's answer came in the middle of a frame.
	await get_tree().process_frame
	while Engine.get_process_frames() % period != 0:
		await get_tree().process_frame


func _generate(camera: PlayblastShotCamera, open: Dictionary) -> String:
	var last_source := 0
	while true:
		if _is_cancelled:
			return tr("The export was cancelled; what is there stays, and the next export goes on from it.")
		if _asked < _ticks and not _capture.is_waiting():
			if _poses():
				_pose(_asked)
			elif _asked > 1 and absf(get_process_delta_time() - 1.0 / _shot.frame_rate) > FIXED_STEP_TOLERANCE:
				return tr("The scene plays by itself, and not with a fixed time step. Start Godot with --fixed-fps %d, or give the shot an AnimationPlayer.") % int(_shot.frame_rate)
			var source := camera.now()
			if source == null:
				return tr("The scene has no camera at tick %d.") % _asked
			if last_source != 0 and source.get_instance_id() != last_source:
				_cuts[_asked] = true
			last_source = source.get_instance_id()
			_capture.request(_asked, _asked / _shot.frame_rate, source)
			_asked += 1
		_pump()
		if _failure != "":
			return _failure
		if _stream.is_over:
			if _is_complete():
				return ""
			noticed.emit(tr("The server went away; waiting for it. %d of %d pictures are there.") % [_received.size(), _ticks])
			var problem := await _connect_to_server(open)
			if problem != "":
				return problem
		await get_tree().process_frame
	return ""


func _keep(captured: PlayblastCapturedTick) -> void:
	if captured.tick == 0 and _spool.look().is_empty():
		var problem: Array[String] = []
		var look := PlayblastShotMessages.first_frame(0, captured.picture, _shot.first_frame_bytes(problem))
		_spool.keep_look(PlayblastProtocol.encode_stream_shot_request({"first_frame": look}))
	_spool.append(PlayblastProtocol.encode_stream_shot_request({"engine_frame": captured.message}), captured.tick in _cuts)


## Sends what the server has credit for.
func _pump() -> void:
	_stream.poll()
	while _sent < _spool.count() and _stream.may_send():
		if _sent == 0:
			_stream.send_bytes(_spool.look(), false)
		if _spool.is_cut(_sent):
			_stream.send({"cut": {}})
		_stream.send_bytes(_spool.read(_sent), true)
		_sent += 1
	if _sent == _ticks and not _is_closing:
		_is_closing = true
		_stream.send({"close": {}})


func _connect_to_server(open: Dictionary) -> String:
	var probe := PlayblastServerProbe.new()
	add_child(probe)
	var since := Time.get_ticks_msec()
	var wait := PlayblastServerProbe.FIRST_WAIT_SECONDS
	var has_been_there := _stream != null
	while true:
		var result := await probe.ask(_shot.server(), _shot.token)
		if result == PlayblastServerProbe.Result.ANSWERED:
			break
		# A server that never was there is a mistake; one that went away may come back.
		var is_away := result == PlayblastServerProbe.Result.MISSING and has_been_there
		if not is_away or Time.get_ticks_msec() - since > PATIENCE_SECONDS * 1000.0 or _is_cancelled:
			return probe.message
		await get_tree().create_timer(wait, true, false, true).timeout
		wait = PlayblastServerProbe.longer_wait(wait)
	probe.queue_free()
	_sent = 0
	_is_closing = false
	_openings += 1
	if _record_as != "" and _openings > 1:
		# A server writes each take once; the shot is sent again from its first tick, so the new take is whole.
		open = open.merged({"record_as": PART_FORMAT % [_record_as, _openings]}, true)
		noticed.emit(tr("The take is recorded again, as %s.") % open.record_as)
	_stream = PlayblastShotStream.new()
	_stream.frame_generated.connect(_save)
	_stream.notice_received.connect(func(_kind: int, message: String) -> void: noticed.emit(message))
	_stream.closed.connect(func(error: String) -> void:
		if _stream.was_refused:
			_failure = tr("The server refused the shot: %s") % error)
	_stream.connect_to_server(_shot.server().shot_url(), open, _shot.token)
	return ""


func _save(frame: Dictionary) -> void:
	var tick: int = frame.get("tick", 0)
	if _path != "" and not _spool.has_picture(tick):
		# A picture that is being written when Godot ends must not be taken for a whole one.
		var partial := _spool.picture_path(tick) + ".part"
		var error := PlayblastShotMessages.image_of(frame).save_png(partial)
		if error == OK:
			error = DirAccess.rename_absolute(partial, _spool.picture_path(tick))
		if error != OK:
			_failure = tr("%s cannot be written (%s). Make room, then export again: it goes on from here.") % [_spool.picture_path(tick), error_string(error)]
			return
	if not tick in _received:
		_received[tick] = true
		advanced.emit(_received.size(), _ticks)


func _is_complete() -> bool:
	return _received.size() == _ticks


func _parts_folder() -> String:
	if _path == "":
		return OS.get_cache_dir().path_join("playblast-" + _record_as)
	var path := ProjectSettings.globalize_path(_path)
	return path.get_basename() + PARTS_SUFFIX if path.get_extension() == VIDEO else path


func _first_frame_digest() -> String:
	return FileAccess.get_sha256(_shot.first_frame) if _shot.first_frame != "" else ""


func _join() -> String:
	var arguments := PackedStringArray(["video", _spool.folder, ProjectSettings.globalize_path(_path), "--frame-rate", String.num(_shot.frame_rate), "--overwrite"])
	var output := []
	var command := PlayblastCommand.find()
	var thread := Thread.new()
	thread.start(command.run.bind(arguments, output))
	while thread.is_alive():
		await get_tree().process_frame
	var status: int = thread.wait_to_finish()
	if status != 0:
		return tr("The pictures are in %s, but could not be joined to %s: %s") % [_spool.folder, _path, "".join(output).strip_edges()]
	_spool.remove()
	return ""
