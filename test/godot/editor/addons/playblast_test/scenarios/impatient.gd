@tool
extends EditorScenario
## Somebody who connects and disconnects before anything has answered.

const TRIES := 20


func run() -> void:
	await user.open(STAGE)
	for attempt in TRIES:
		user.press("Connect")
		await user.frames(attempt % 13)
		user.press("Disconnect")
		await user.frames(1)
	report.check(user.state() == EditorUser.STATE.STOPPED, "after much impatience nothing streams", user.situation())
	report.check(user.dock()._scene_preview.get_child_count(true) == 0, "and nothing is left of it", user.dock()._scene_preview.get_children(true))
	user.press("Connect")
	await expect(func() -> bool: return user.is_newest_shown(), "and patience is rewarded")
	user.press("Freeze")
	EditorInterface.close_scene()
	await expect(func() -> bool: return user.state() == EditorUser.STATE.FAILED, "a frozen scene can be closed")
