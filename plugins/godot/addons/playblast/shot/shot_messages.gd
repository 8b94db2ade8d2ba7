@tool
class_name PlayblastShotMessages
extends RefCounted
## Messages that open a shot and set its look.

const CLIENT_NAME := "playblast-godot"


## OpenShot for what `shot` asks for and `reader` found.
static func open_shot(shot: PlayblastShot, reader: PlayblastSceneReader, camera: Camera3D, mode: PlayblastProtocol.ShotMode, record_as := "") -> Dictionary:
	return {
		"protocol_version": {"major": 1, "minor": 0},
		"client_name": CLIENT_NAME,
		"client_version": version(),
		"convention": {
			"handedness": PlayblastProtocol.Handedness.RIGHT,
			"up": PlayblastProtocol.Axis.POSITIVE_Y,
			"camera_forward": PlayblastProtocol.Axis.NEGATIVE_Z,
			"metres_per_unit": 1.0,
		},
		"frame_size": {"width": shot.frame_size.x, "height": shot.frame_size.y},
		"frame_rate": shot.frame_rate,
		"mode": mode,
		"model": shot.model,
		"seed": shot.seed_number,
		"prompt": shot.prompt,
		"scene": reader.declare(camera.near, camera.far),
		"record_as": record_as,
		"controls": controls(shot),
	}


## The planes that come with every frame of `shot` and steer its picture, as PlayblastProtocol.PlaneKind.
static func controls(shot: PlayblastShot) -> PackedInt32Array:
	var kinds: PackedInt32Array = [PlayblastProtocol.PlaneKind.DEPTH, PlayblastProtocol.PlaneKind.OWNER_ID, PlayblastProtocol.PlaneKind.SHADE]
	if shot.send_materials:
		kinds.append_array([PlayblastProtocol.PlaneKind.ALBEDO, PlayblastProtocol.PlaneKind.SURFACE_ID, PlayblastProtocol.PlaneKind.COLOUR])
	return kinds


## FirstFrame that shows `tick`, in place of any look before it: the encoded picture in `file`, or `picture` where that is empty.
static func first_frame(tick: int, picture: Image, file: PackedByteArray) -> Dictionary:
	if not file.is_empty():
		return {"encoded": file, "tick": tick, "new_look": true}
	var plane := PlayblastPlaneCapture.plane_message(
		PlayblastProtocol.PlaneKind.COLOUR, PlayblastProtocol.PlaneFormat.U8, picture.get_size(), picture.get_data())
	return {"plane": plane, "tick": tick, "new_look": true}


## The picture of a GeneratedFrame message.
static func image_of(frame: Dictionary) -> Image:
	return Image.create_from_data(frame.size.width, frame.size.height, false, Image.FORMAT_RGB8, frame.image)


## The addon's version, as plugin.cfg says it.
static func version() -> String:
	var config := ConfigFile.new()
	config.load((PlayblastShotMessages as Script).resource_path.get_base_dir().path_join("../plugin.cfg"))
	return config.get_value("plugin", "version", "0")
