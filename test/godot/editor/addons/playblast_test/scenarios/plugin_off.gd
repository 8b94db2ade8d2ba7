@tool
extends EditorScenario
## The addon is disabled in mid-stream, and leaves nothing behind.

const PLUGIN := "playblast"
const PROJECT := "res://project.godot"


func run() -> void:
	EditorInterface.set_plugin_enabled(PLUGIN, false)
	await user.frames(5)
	var project := FileAccess.get_file_as_string(PROJECT)
	report.check(not project.to_lower().contains("playblast/") or not project.contains("[playblast]"), "without the addon the project has no settings of it")
	report.check(not project.contains("[autoload]"), "and no autoload", project)
	await user.open(STAGE)
	var nodes := _nodes()
	var objects := _instances()
	EditorInterface.set_plugin_enabled(PLUGIN, true)
	await expect(func() -> bool: return user.docks().size() == 1, "the addon is enabled")
	await expect(func() -> bool: return FileAccess.get_file_as_string(PROJECT).contains("[autoload]"), "and has its autoload")
	user.show_dock()
	user.write(user.dock()._server._address, user.options.server)
	user.write(user.dock()._server._token, "unused")
	await expect(func() -> bool: return user.is_live() and user.tick() >= 0, "it streams")
	user.press("Show the picture in a window")
	await user.frames(3)
	var live := user.live().get_instance_id()
	EditorInterface.set_plugin_enabled(PLUGIN, false)
	await user.frames(10)
	report.check(user.docks().is_empty() and not is_instance_id_valid(live), "the addon is disabled, and its dock and stream are gone")
	report.check(_nodes() == nodes, "there are as many nodes as before", [nodes, _nodes()])
	report.check(_instances() == objects, "and as many drawn things", [objects, _instances()])
	report.check(FileAccess.get_file_as_string(PROJECT) == project, "project.godot is as it was", FileAccess.get_file_as_string(PROJECT))
	var settings := EditorInterface.get_editor_settings()
	report.check(settings.get_property_list().filter(func(property: Dictionary) -> bool: return property.name.begins_with("playblast")).is_empty(), "the editor's settings have none of the addon")
	report.check(settings.get_project_metadata("playblast", "server_address", "") == "", "nor is its address kept")
	report.check(ProjectSettings.get_property_list().filter(func(property: Dictionary) -> bool: return property.name.begins_with("playblast/")).is_empty(), "nor the project's settings")
	EditorInterface.set_plugin_enabled(PLUGIN, true)
	await expect(func() -> bool: return user.docks().size() == 1, "it can be enabled again")
	await user.frames(5)


func _nodes() -> int:
	return int(Performance.get_monitor(Performance.OBJECT_NODE_COUNT))


## Things in the edited scene's world, drawn or not.
func _instances() -> int:
	return RenderingServer.instances_cull_aabb(AABB(Vector3.ONE * -1000.0, Vector3.ONE * 2000.0), user.root().get_viewport().find_world_3d().scenario).size()
