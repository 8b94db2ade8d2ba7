@tool
extends EditorScenario
## Another camera becomes the current one while a take is recorded: the test outside looks for the cut in the take.


func run() -> void:
	await user.open(STAGE)
	user.root().name = "Two cameras"
	user.press("Connect")
	await expect(func() -> bool: return user.tick() >= 0, "a picture to begin with")
	report.check(user.press("Record"), "there is a button to record")
	await expect(user.is_newest_shown, "it records")
	var wide: Camera3D = user.root().get_node("Wide")
	var close: Camera3D = user.root().get_node("Close")
	var before := user.tick()
	wide.current = false
	close.current = true
	await expect(func() -> bool: return user.tick() > before and user.is_newest_shown(), "the other camera's view is painted")
	var camera: Dictionary = user.picture().frame.camera.transform.position
	report.check(is_equal_approx(camera.z, close.position.z), "it is the other camera's", camera)
	# A shot that is opened again goes on in another take.
	(user.root().get_node("Crate") as Node3D).position.x -= 1.0
	await expect(func() -> bool: return "Crate" in user.declared("objects") and user.is_newest_shown(), "something new opens another shot, which records too")
	report.check(user.button("Record").button_pressed, "the button says so")
	user.press("Record")
	await expect(user.is_live, "recording ends, the stream goes on")
