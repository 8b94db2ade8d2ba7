@tool
extends EditorPlugin
## Drives the editor through scenarios that the command line names, as a user would, and says what held:
## `godot --editor --path . -- --scenarios streaming,looks --server 127.0.0.1:50071`

const SCENARIO_FORMAT := "res://addons/playblast_test/scenarios/%s.gd"


func _enter_tree() -> void:
	var arguments := OS.get_cmdline_user_args()
	if "--scenarios" in arguments:
		_run.call_deferred(_read(arguments))


static func _read(arguments: PackedStringArray) -> Dictionary[String, String]:
	var options: Dictionary[String, String] = {}
	for at in range(0, arguments.size() - 1, 2):
		options[arguments[at].trim_prefix("--")] = arguments[at + 1]
	return options


func _run(options: Dictionary[String, String]) -> void:
	var report := Report.new()
	var user := EditorUser.new(get_tree(), options)
	await user.wait_for_editor()
	for name in options.scenarios.split(","):
		print("SCENARIO ", name)
		var script := load(SCENARIO_FORMAT % name) as GDScript
		if script == null or not script.can_instantiate():
			report.check(false, "there is a scenario %s" % name)
			continue
		var scenario: EditorScenario = script.new(user, report)
		await user.tidy_up()
		var begun := Time.get_ticks_msec()
		await scenario.run()
		await user.tidy_up()
		print("DONE %s in %.1f s" % [name, (Time.get_ticks_msec() - begun) / 1000.0])
	user.leave_editor()
	get_tree().quit(report.finish())
