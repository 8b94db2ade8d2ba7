@tool
class_name PlayblastShotCamera
extends RefCounted
## Which camera a shot is seen through at this moment. A change of camera is a cut.

var _chosen: Camera3D
var _root: Node
## In the edited scene, where several cameras may say that they are current: the one that said so last.
var _was_current: Dictionary[int, bool] = {}
var _last_current: Camera3D


## The camera of `root`'s scene: `chosen` where that is given, else the one that is current.
func _init(root: Node, chosen: Camera3D) -> void:
	_root = root
	_chosen = chosen


## The camera now, or null where the scene has none.
func now() -> Camera3D:
	if is_instance_valid(_chosen) and _chosen.is_inside_tree():
		return _chosen
	if _root.is_part_of_edited_scene():
		return _current_in_edited_scene()
	var current := _root.get_viewport().get_camera_3d()
	return current if current and current.is_inside_tree() else null


## The editor draws the edited scene through a camera of its own, and lets each camera keep its mark.
func _current_in_edited_scene() -> Camera3D:
	var cameras := _root.find_children("*", "Camera3D", true, false)
	if _root is Camera3D:
		cameras.push_front(_root)
	for camera: Camera3D in cameras:
		var id := camera.get_instance_id()
		if camera.current and not _was_current.get(id, false):
			_last_current = camera
		_was_current[id] = camera.current
	if is_instance_valid(_last_current) and _last_current.is_inside_tree() and _last_current.current:
		return _last_current
	for camera: Camera3D in cameras:
		if camera.current:
			return camera
	return cameras[0] if not cameras.is_empty() else null
