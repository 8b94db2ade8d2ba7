extends SceneTree
## Captures a scene that can be worked out on paper and holds every plane against it:
## `godot --rendering-method METHOD --script res://capture.gd`.

const SIZE := Vector2i(256, 144)
const TICKS := 4
## The share of pixels that must hold: a rasteriser may decide otherwise on a line between two surfaces that the
## 3x3 neighbourhood did not see.
const ENOUGH := 0.999
## Depth may be off by 0.1 %, or 1 mm where that is more.
const DEPTH_SHARE := 0.001
const DEPTH_METRES := 0.001
## Of 255.
const ALBEDO_CODES := 1
const JOINT_METRES := 0.0001
## Pixels around the border of a cast shadow whose light a shadow map does not decide sharply.
const SHADOW_BORDER := 2
## Index of no surface.
const NOTHING := -1

var _report := Report.new()
var _scene := AnalyticScene.new()


func _initialize() -> void:
	root.add_child(_scene)
	_run.call_deferred()


func _run() -> void:
	print("renderer: %s on %s" % [RenderingServer.get_current_rendering_method(), RenderingServer.get_video_adapter_name()])
	var reader := PlayblastSceneReader.new(_scene, [_scene.floater, _scene.ball])
	var capture := PlayblastPlaneCapture.new(reader, SIZE)
	capture.with_truth = true
	capture.with_materials = true
	_scene.add_child(capture)
	var declared := reader.declare(_scene.camera.near, _scene.camera.far)
	_scene.pose_at(0)
	await capture.warm_up(_scene.camera)
	var ball_was := INF
	for tick in TICKS:
		_scene.pose_at(tick)
		capture.request(tick, tick / 24.0, _scene.camera)
		var frame: Dictionary = (await capture.captured).message
		_check_poses(tick, frame)
		var ball: float = frame.objects[1].transform.position.z
		_report.check(ball < ball_was, "tick %d: the ball has moved by itself" % tick, ball)
		ball_was = ball
		_check_planes(tick, declared, reader, frame)
	capture.queue_free()
	quit(_report.finish())


func _check_poses(tick: int, frame: Dictionary) -> void:
	var worst := 0.0
	var joints := _scene.joints_at(tick)
	for bone in joints.size():
		var p: PackedFloat32Array = frame.characters[0].positions.slice(bone * 3, bone * 3 + 3)
		worst = maxf(worst, joints[bone].origin.distance_to(Vector3(p[0], p[1], p[2])))
	_report.check(worst < JOINT_METRES, "tick %d: joints are within 0.1 mm" % tick, "%.3f mm" % (worst * 1000.0))
	var floater: Dictionary = frame.objects[0].transform.position
	var off := _scene.floater.position.distance_to(Vector3(floater.x, floater.y, floater.z))
	_report.check(off < JOINT_METRES, "tick %d: the floating box is where it was put" % tick, off)
	# Offsets of the camera shift its eye sideways. The window has the planes' aspect, so the projection is the same.
	var eye: Vector3 = AnalyticScene.frame_of(frame.camera.transform).origin
	var expected := _scene.camera.position + _scene.camera.basis.x * _scene.camera.h_offset
	_report.check(eye.distance_to(expected) < JOINT_METRES, "tick %d: the eye is that of the scene's camera" % tick, eye)
	var lens := _projection(frame.camera)
	var own := _scene.camera.get_camera_projection()
	var alike := range(4).all(func(column: int) -> bool: return lens[column].is_equal_approx(own[column]))
	_report.check(alike, "tick %d: the lens is that of the scene's camera" % tick, [lens, own])


func _check_planes(tick: int, declared: Dictionary, reader: PlayblastSceneReader, frame: Dictionary) -> void:
	var surfaces := _scene.surfaces(declared, frame.objects, frame.characters)
	var rays := _rays(frame.camera)
	var seen := PackedInt32Array()
	var depths := PackedFloat32Array()
	var shadowed := PackedInt32Array()
	for pixel in SIZE.x * SIZE.y:
		var origin: Vector3 = rays.origins[pixel]
		var direction: Vector3 = rays.directions[pixel]
		var nearest := INF
		var surface := NOTHING
		for index in surfaces.size():
			var t := surfaces[index].hit(origin, direction)
			if t < nearest:
				nearest = t
				surface = index
		seen.append(surface)
		depths.append(nearest if surface != NOTHING else 0.0)
		# Shadows are judged on the ground, which is as bright as itself everywhere else.
		shadowed.append(_in_shadow(surfaces, origin + direction * nearest) if surface == 0 else NOTHING)
	var inner := _same_around(seen, 1)
	var planes := {}
	for plane: Dictionary in frame.planes:
		planes[plane.kind] = plane
	_check_depth(tick, planes[PlayblastProtocol.PlaneKind.DEPTH], depths, inner)
	_check_ids(tick, planes[PlayblastProtocol.PlaneKind.OWNER_ID], surfaces, seen, inner)
	_check_surface_ids(tick, planes[PlayblastProtocol.PlaneKind.SURFACE_ID], surfaces, reader, seen, inner)
	_check_albedo(tick, planes[PlayblastProtocol.PlaneKind.ALBEDO], surfaces, seen, inner)
	_report.check(planes[PlayblastProtocol.PlaneKind.COLOUR].data == planes[PlayblastProtocol.PlaneKind.TRUTH].data, "tick %d: the colour is the engine's picture" % tick)
	_check_shade(tick, planes[PlayblastProtocol.PlaneKind.SHADE], shadowed, _same_around(shadowed, SHADOW_BORDER))
	_check_picture(tick, planes[PlayblastProtocol.PlaneKind.TRUTH], seen, inner)


## The rays of all pixels' centres, as the Camera message has them; a direction is one metre deep along the camera's axis.
func _rays(camera: Dictionary) -> Dictionary:
	var unproject := _projection(camera).inverse()
	var world := AnalyticScene.frame_of(camera.transform)
	var origins := PackedVector3Array()
	var directions := PackedVector3Array()
	for y in SIZE.y:
		for x in SIZE.x:
			var at := Vector2((x + 0.5) / SIZE.x * 2.0 - 1.0, 1.0 - (y + 0.5) / SIZE.y * 2.0)
			var near := unproject * Vector4(at.x, at.y, -1.0, 1.0)
			var far := unproject * Vector4(at.x, at.y, 1.0, 1.0)
			var from := Vector3(near.x, near.y, near.z) / near.w
			var to := Vector3(far.x, far.y, far.z) / far.w
			var direction := (to - from) / (from.z - to.z)
			# From depth 0 on, so that a hit's distance is its depth.
			origins.append(world * (from + direction * from.z))
			directions.append(world.basis * direction)
	return {"origins": origins, "directions": directions}


func _projection(camera: Dictionary) -> Projection:
	var p: PackedFloat32Array = camera.projection
	var projection := Projection()
	for column in 4:
		projection[column] = Vector4(p[column * 4], p[column * 4 + 1], p[column * 4 + 2], p[column * 4 + 3])
	return projection


func _in_shadow(surfaces: Array[AnalyticScene.Surface], at: Vector3) -> int:
	for surface in surfaces:
		if surface.hit(at - AnalyticScene.SUN_DIRECTION * 0.001, -AnalyticScene.SUN_DIRECTION) < INF:
			return 1
	return 0


## Pixels whose neighbours up to `reach` away all hold the same value as they do.
func _same_around(values: PackedInt32Array, reach: int) -> PackedByteArray:
	var same := PackedByteArray()
	same.resize(values.size())
	for y in range(reach, SIZE.y - reach):
		for x in range(reach, SIZE.x - reach):
			var pixel := y * SIZE.x + x
			var alike := true
			for dy in range(-reach, reach + 1):
				for dx in range(-reach, reach + 1):
					alike = alike and values[pixel + dy * SIZE.x + dx] == values[pixel]
			same[pixel] = int(alike)
	return same


func _check_depth(tick: int, plane: Dictionary, depths: PackedFloat32Array, inner: PackedByteArray) -> void:
	var good := 0
	var all := 0
	var worst := 0.0
	for pixel in depths.size():
		if not inner[pixel]:
			continue
		all += 1
		var depth: float = plane.data.decode_half(pixel * 2)
		if depth == 0.0 or depths[pixel] == 0.0:
			good += int(depth == 0.0 and depths[pixel] == 0.0)
			continue
		var off := absf(depth - depths[pixel])
		worst = maxf(worst, off / depths[pixel])
		good += int(off <= maxf(DEPTH_SHARE * depths[pixel], DEPTH_METRES))
	_report.check(good == all, "tick %d: depth is that of the scene" % tick, _share(good, all))
	print("tick %d: depth holds at %s, worst %.4f %%" % [tick, _share(good, all), worst * 100.0])


func _check_ids(tick: int, plane: Dictionary, surfaces: Array[AnalyticScene.Surface], seen: PackedInt32Array, inner: PackedByteArray) -> void:
	var good := 0
	var all := 0
	var owners := {}
	for pixel in seen.size():
		if inner[pixel]:
			var owner := surfaces[seen[pixel]].owner_id if seen[pixel] != NOTHING else 0
			owners[owner] = true
			all += 1
			good += int(_id_at(plane, pixel) == owner)
	_report.check(owners.size() == 4, "tick %d: world, arm, floating box and ball are all in the picture" % tick, owners.keys())
	_report.check(good >= ENOUGH * all, "tick %d: owner ids are those of the scene" % tick, _share(good, all))
	print("tick %d: owner ids hold at %s" % [tick, _share(good, all)])


func _id_at(plane: Dictionary, pixel: int) -> int:
	return plane.data[pixel] if plane.format == PlayblastProtocol.PlaneFormat.U8 else plane.data.decode_u16(pixel * 2)


## The static world's meshes too, and one id for both bones' flesh.
func _check_surface_ids(tick: int, plane: Dictionary, surfaces: Array[AnalyticScene.Surface], reader: PlayblastSceneReader, seen: PackedInt32Array, inner: PackedByteArray) -> void:
	var good := 0
	var all := 0
	var ids := {}
	for pixel in seen.size():
		if inner[pixel]:
			var id := reader.surface_id(surfaces[seen[pixel]].mesh, 0, 0) if seen[pixel] != NOTHING else 0
			ids[id] = true
			all += 1
			good += int(_id_at(plane, pixel) == id)
	ids.erase(0)
	_report.check(ids.size() == 5, "tick %d: all five meshes are in the picture" % tick, ids.keys())
	_report.check(good >= ENOUGH * all, "tick %d: surface ids are those of the scene" % tick, _share(good, all))
	print("tick %d: surface ids hold at %s" % [tick, _share(good, all)])


func _check_albedo(tick: int, plane: Dictionary, surfaces: Array[AnalyticScene.Surface], seen: PackedInt32Array, inner: PackedByteArray) -> void:
	var good := 0
	var all := 0
	for pixel in seen.size():
		if inner[pixel]:
			var colour := Color.BLACK if seen[pixel] == NOTHING else ((surfaces[seen[pixel]].mesh.material_override) as StandardMaterial3D).albedo_color
			all += 1
			good += int(range(3).all(func(channel: int) -> bool: return absi(plane.data[pixel * 3 + channel] - roundi(colour[channel] * 255.0)) <= ALBEDO_CODES))
	_report.check(good >= ENOUGH * all, "tick %d: albedo is that of the scene" % tick, _share(good, all))
	print("tick %d: albedo holds at %s" % [tick, _share(good, all)])


## Ground in shadow is darker than half way to the ground in the sun.
func _check_shade(tick: int, plane: Dictionary, shadowed: PackedInt32Array, inner: PackedByteArray) -> void:
	var sums := [0.0, 0.0]
	var counts := [0, 0]
	for pixel in shadowed.size():
		if inner[pixel] and shadowed[pixel] != NOTHING:
			sums[shadowed[pixel]] += plane.data[pixel * 3 + 1]
			counts[shadowed[pixel]] += 1
	var lit: float = sums[0] / maxi(1, counts[0])
	var dark: float = sums[1] / maxi(1, counts[1])
	_report.check(mini(counts[0], counts[1]) > 100, "tick %d: there is ground in the sun and in shadow" % tick, counts)
	_report.check(dark < 0.8 * lit, "tick %d: the clay render has the cast shadows" % tick, "%.0f in shadow, %.0f in the sun" % [dark, lit])
	var good := 0
	for pixel in shadowed.size():
		if inner[pixel] and shadowed[pixel] != NOTHING:
			good += int((plane.data[pixel * 3 + 1] < (lit + dark) / 2.0) == (shadowed[pixel] == 1))
	_report.check(good >= 0.99 * (counts[0] + counts[1]), "tick %d: shadows fall where they should" % tick, _share(good, counts[0] + counts[1]))
	print("tick %d: shade is %.0f in shadow and %.0f in the sun, and right at %s" % [tick, dark, lit, _share(good, counts[0] + counts[1])])


## The engine's own picture is of the same tick: the floating box alone is pure red.
func _check_picture(tick: int, plane: Dictionary, seen: PackedInt32Array, inner: PackedByteArray) -> void:
	var good := 0
	var all := 0
	for pixel in seen.size():
		if inner[pixel]:
			var at := pixel * 3
			var red: bool = plane.data[at] > 200 and plane.data[at + 1] < 60 and plane.data[at + 2] < 60
			all += 1
			good += int(red == (seen[pixel] == 2))
	_report.check(good >= ENOUGH * all, "tick %d: the picture is of the same tick" % tick, _share(good, all))
	print("tick %d: the picture holds at %s" % [tick, _share(good, all)])


func _share(good: int, all: int) -> String:
	return "%d of %d pixels" % [good, all]
