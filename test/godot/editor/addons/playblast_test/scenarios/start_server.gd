@tool
extends EditorScenario
## Start Server, without a command and with one.


func run() -> void:
	await user.open(STAGE)
	user.write(user.dock()._server._address, user.options.free_address, false)
	report.check(user.press("Start Server"), "there is a button to start a server")
	await user.frames(2)
	report.check(user.problem().contains("Node") and user.problem().contains("Editor Settings"), "where there is no command, it says how to get it", user.problem())
	EditorInterface.get_editor_settings().set_setting(PlayblastSettings.SERVER_COMMAND, "/nowhere/playblast")
	user.press("Start Server")
	report.check(user.problem().contains("/nowhere/playblast") and user.problem().contains("Editor Settings"), "where the command is not there, it says so", user.problem())
	EditorInterface.get_editor_settings().set_setting(PlayblastSettings.SERVER_COMMAND, "/bin/false")
	user.press("Start Server")
	await expect(func() -> bool: return user.problem().contains("ended"), "where it ends by itself, too")
	report.check(user.button("Start Server") != null and user.state() == EditorUser.STATE.STOPPED, "and nothing goes on", user.situation())
	if user.options.get("command", "") == "":
		return
	EditorInterface.get_editor_settings().set_setting(PlayblastSettings.SERVER_COMMAND, user.options.command)
	user.press("Start Server")
	report.check(user.button("Stop Server") != null, "a server starts", user.situation())
	await expect(func() -> bool: return user.is_live() and user.tick() >= 0, "and is connected to when it is there", 40.0)
	report.check(user.dock()._preview.about.get("records_takes", false), "it records takes")
	report.check(user.press("Stop Server"), "it can be stopped")
	await expect(func() -> bool: return user.state() == EditorUser.STATE.WAITING, "and then it is gone")
	report.check(user.button("Start Server") != null, "and can be started again")
