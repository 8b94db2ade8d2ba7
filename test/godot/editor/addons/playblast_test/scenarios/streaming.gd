@tool
extends EditorScenario
## The main thing: connect, move the timeline, look at pictures.

## How far the ball may lie from where it should, in pixels: it is painted by a small model.
const BALL_TOLERANCE := 6.0
const SCRUBS := 12


func run() -> void:
	await user.open(STAGE)
	report.check(user.press("Connect"), "there is a button to connect")
	await expect(user.is_live, "it connects")
	report.check(user.says().contains("albedo, surface ids, colour"), "it says what the pictures are painted from", user.says())
	await expect(func() -> bool: return user.tick() >= 0, "a picture comes back without anything moving")
	await _scrub()
	await _freeze()
	for smooth: bool in [false, true]:
		ProjectSettings.set_setting(PlayblastSettings.SMOOTH, smooth)
		await _arrive(smooth)
	report.check(user.press("Disconnect"), "there is a button to disconnect")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.STOPPED, "it disconnects")
	report.check(user.press("Connect"), "it connects again")
	await expect(user.is_live, "it is live again")


func _scrub() -> void:
	for step in SCRUBS:
		user.scrub(step * 0.3)
		await user.frames(2)
	await expect(user.is_newest_shown, "the newest position is painted in the end")
	var ball: Node3D = user.root().get_node("Ball")
	var camera: Camera3D = user.root().get_node("Wide")
	# Projected by the message's own numbers, as the server does it.
	var frame := user.picture().frame
	var place: Dictionary = frame.objects.filter(func(pose: Dictionary) -> bool: return pose.id == "Ball")[0].transform.position
	report.check(is_equal_approx(place.x, ball.position.x), "the tick's message has the ball where it is", [place, ball.position])
	var middle := EditorUser.red_middle(user.picture().engine)
	var expected := _on_picture(camera, ball.global_position, user.picture().engine.get_size())
	report.check(middle.distance_to(expected) < 3.0, "the engine's picture shows the ball where it is", [middle, expected])
	var painted := EditorUser.red_middle(user.picture().generated)
	report.check(painted.distance_to(expected) < BALL_TOLERANCE, "so does the painted one", [painted, expected])


func _freeze() -> void:
	user.scrub(0.2)
	await expect(user.is_newest_shown, "a picture to freeze")
	report.check(user.press("Freeze"), "there is a button to freeze")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FROZEN, "it freezes")
	var frozen := user.tick()
	report.check(user.says().contains(str(frozen)), "it says which tick is frozen", user.says())
	for step in 5:
		user.scrub(1.0 + step * 0.2)
		await user.frames(4)
	report.check(user.tick() == frozen, "a frozen picture stands still", user.tick())
	var painted := EditorUser.red_middle(user.picture().generated)
	var drawn := EditorUser.red_middle(user.picture().engine)
	report.check(painted.distance_to(drawn) < BALL_TOLERANCE, "both halves of a frozen picture are of the same tick", [painted, drawn])
	user.press("Freeze")
	await expect(func() -> bool: return user.tick() > frozen and user.is_newest_shown(), "it goes on, and paints where the scene is by now")


## Each picture is shown with the display frame in which it arrives, or the next; with smooth playback each chunk's first one.
func _arrive(smooth: bool) -> void:
	var arrivals: Array[Array] = []
	var shown: Dictionary[int, int] = {}
	var on_arrival := func(frame: Dictionary) -> void: arrivals.append([frame.get("tick", 0), Engine.get_process_frames(), Time.get_ticks_msec()])
	var on_shown := func(picture: PlayblastPicture) -> void: shown[picture.tick] = Engine.get_process_frames()
	user.live()._stream.frame_generated.connect(on_arrival)
	user.dock()._scene_preview.picture_shown.connect(on_shown)
	for step in 24:
		user.scrub(0.1 + step * 0.1 + (0.05 if smooth else 0.0))
		await user.frames(1)
	await user.until(user.is_newest_shown)
	user.live()._stream.frame_generated.disconnect(on_arrival)
	user.dock()._scene_preview.picture_shown.disconnect(on_shown)
	report.check(arrivals.size() >= 8, "pictures arrive while the timeline moves", arrivals.size())
	var late := 0
	var last_msec := -1000
	var last_frame := -1
	for at in arrivals.size():
		var is_last_of_its_frame: bool = at + 1 == arrivals.size() or arrivals[at + 1][1] != arrivals[at][1]
		# A chunk's pictures come together, or in display frames that follow one another closely.
		var begins_chunk: bool = arrivals[at][1] != last_frame and arrivals[at][2] - last_msec > 21
		last_msec = arrivals[at][2]
		last_frame = arrivals[at][1]
		if begins_chunk if smooth else is_last_of_its_frame:
			late += int(shown.get(arrivals[at][0], 1 << 30) - arrivals[at][1] > 1)
	report.check(late == 0, "what arrives is shown at most a display frame later, %s" % ("the first of each chunk" if smooth else "every picture"), [late, arrivals, shown])


static func _on_picture(camera: Camera3D, point: Vector3, size: Vector2i) -> Vector2:
	var eye := camera.global_transform.affine_inverse() * point
	var scale := size.y / 2.0 / tan(deg_to_rad(camera.fov) / 2.0)
	return Vector2(size) / 2.0 + Vector2(eye.x, -eye.y) * scale / -eye.z
