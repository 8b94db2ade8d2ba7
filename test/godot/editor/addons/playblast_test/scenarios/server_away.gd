@tool
extends EditorScenario
## The server goes away and comes back, is not there at all, or wants a token.


func run() -> void:
	await user.open(STAGE)
	await _comes_back()
	await _is_missing()
	await _wants_a_token()


func _comes_back() -> void:
	user.press("Connect")
	await expect(func() -> bool: return user.tick() >= 0, "a picture to begin with")
	user.scrub(1.0)
	await expect(user.is_newest_shown, "and one of another tick")
	var look: Dictionary = user.live()._look
	user.press("Freeze")
	user.ask("server down")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.WAITING, "it notices that the server is gone")
	report.check(user.says().contains("Trying again"), "it says that it tries again", user.says())
	report.check(user.picture() != null, "the last picture stays")
	user.scrub(2.0)
	await user.seconds(1.5)
	var states: Array[PlayblastLiveShot.State] = []
	user.dock()._scene_preview.state_changed.connect(func(now: PlayblastLiveShot.State, _text: String) -> void: states.append(now))
	user.ask("server up")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FROZEN, "it connects again by itself, still frozen")
	report.check(EditorUser.STATE.FAILED not in states, "without a failure", states)
	var before := user.tick()
	user.press("Freeze")
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "and paints where the scene is by now")
	report.check(user.live()._look == look, "the look is the one from before")
	user.press("Disconnect")


func _is_missing() -> void:
	# Nothing listens on the port of discarded data.
	user.write(user.dock()._server._address, "127.0.0.1:9")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.WAITING, "Enter connects, and it notices that no server is there")
	report.check(user.says().contains("127.0.0.1:9") and user.says().contains("Start Server"), "it says where, and what to do", user.says())
	user.write(user.dock()._server._address, "127.0.0.1:70000")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FAILED and user.says().contains("65535"), "it says what a port is")
	user.write(user.dock()._server._address, options_server())
	await expect(user.is_live, "Enter in the right address connects")
	user.press("Disconnect")


func _wants_a_token() -> void:
	user.write(user.dock()._server._address, user.options.token_server)
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FAILED and user.says().contains("wants a token"), "it says that the server wants a token")
	user.write(user.dock()._server._token, "wrong")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FAILED and user.says().contains("another token"), "it says that the token is wrong")
	user.write(user.dock()._server._token, user.options.token)
	await expect(user.is_live, "with the right token it connects")
	report.check(not FileAccess.get_file_as_string("res://project.godot").contains(user.options.token), "the token is not in the project's files")


func options_server() -> String:
	return user.options.server
