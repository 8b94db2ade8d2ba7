class_name PlayblastAovView
extends RefCounted
## One auxiliary picture of the scene: every mesh again with a material of ours, seen by a second camera.
##
## Each MeshInstance3D is mirrored as a bare RenderingServer instance on a layer of its own, beyond those that cameras
## show by default. A camera sees the shadows of its own layers alone: in a view with shadows the mirrors cast them, and
## neither side shadows the other. Works on all renderers.

## Camera layers from here on are outside Camera3D's default cull mask.
const FIRST_LAYER_BIT := 24

## The picture, [H, W], top row first.
var viewport: SubViewport
## Follows the scene's camera.
var camera: Camera3D

var _layer := 0
var _shadowed := false
var _proxies: Array[Dictionary] = []
var _lights: Array[Light3D] = []


## Builds a view of `size` on layer bit FIRST_LAYER_BIT + `index`, under `parent`, with the `environment` to draw in.
## A view that is `lit` has shadows and soft edges; others hold one exact value a pixel.
func _init(parent: Node, size: Vector2i, index: int, environment: Environment, lit: bool) -> void:
	_shadowed = lit
	viewport = SubViewport.new()
	viewport.size = size
	viewport.render_target_update_mode = SubViewport.UPDATE_ALWAYS
	viewport.msaa_3d = Viewport.MSAA_4X if lit else Viewport.MSAA_DISABLED
	viewport.use_debanding = false
	viewport.positional_shadow_atlas_size = 2048 if lit else 0
	parent.add_child(viewport)
	camera = Camera3D.new()
	camera.environment = environment
	viewport.add_child(camera)
	camera.make_current()
	_layer = 1 << (FIRST_LAYER_BIT + index)
	RenderingServer.camera_set_cull_mask(camera.get_camera_rid(), _layer)


## Mirrors a mesh with `material`; `parameters` are the material's instance uniforms.
func add_proxy(mesh: MeshInstance3D, material: Material, parameters: Dictionary) -> void:
	var unseen := mesh.cast_shadow == GeometryInstance3D.SHADOW_CASTING_SETTING_SHADOWS_ONLY
	if mesh.mesh == null or (unseen and not _shadowed):
		return
	var instance := RenderingServer.instance_create2(mesh.mesh.get_rid(), mesh.get_world_3d().scenario)
	RenderingServer.instance_set_layer_mask(instance, _layer)
	var casts := mesh.cast_shadow if _shadowed else GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	RenderingServer.instance_geometry_set_cast_shadows_setting(instance, casts as RenderingServer.ShadowCastingSetting)
	RenderingServer.instance_geometry_set_material_override(instance, material.get_rid())
	for parameter: StringName in parameters:
		RenderingServer.instance_geometry_set_shader_parameter(instance, parameter, parameters[parameter])
	var skin := mesh.get_skin_reference()
	if skin:
		RenderingServer.instance_attach_skeleton(instance, skin.get_skeleton())
	# The material is kept here, or nothing would hold it.
	_proxies.append({"mesh": mesh, "instance": instance, "material": material})


## Lets a light of the scene shine on the proxies: a camera that does not see a light's layer draws without it.
func add_light(light: Light3D) -> void:
	RenderingServer.instance_set_layer_mask(light.get_instance(), light.layers | _layer)
	_lights.append(light)


## Makes `to` see what `source` sees, at once: for a frame that is about to be drawn.
static func aim(to: Camera3D, source: Camera3D) -> void:
	# With the camera's offsets, which are no part of its node's transform.
	to.global_transform = source.get_camera_transform()
	to.projection = source.projection
	to.fov = source.fov
	to.size = source.size
	to.near = source.near
	to.far = source.far
	to.keep_aspect = source.keep_aspect
	to.frustum_offset = source.frustum_offset
	to.force_update_transform()


## Puts camera and proxies where the scene's are now.
func follow(source: Camera3D) -> void:
	aim(camera, source)
	for proxy in _proxies:
		var mesh: MeshInstance3D = proxy.mesh
		RenderingServer.instance_set_transform(proxy.instance, mesh.global_transform)
		RenderingServer.instance_set_visible(proxy.instance, mesh.is_visible_in_tree())


## The picture that was drawn last, RGB, 8 bits a channel.
func read() -> Image:
	var image := viewport.get_texture().get_image()
	image.convert(Image.FORMAT_RGB8)
	return image


## Frees what the view added to the scene.
func free_view() -> void:
	for proxy in _proxies:
		RenderingServer.free_rid(proxy.instance)
	_proxies.clear()
	for light in _lights:
		if is_instance_valid(light):
			RenderingServer.instance_set_layer_mask(light.get_instance(), light.layers)
	_lights.clear()
	viewport.queue_free()
