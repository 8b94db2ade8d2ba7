@tool
class_name PlayblastAovView
extends RefCounted
## One auxiliary picture of a scene: its mirror (PlayblastSceneMirror), seen by a camera of our own that follows the scene's.

## The first of our layers: beyond the 20 that cameras show by default, before the 7 that the editor keeps for its gizmos.
const FIRST_LAYER_BIT := 20

## The picture, [H, W], top row first. Drawn only when asked for.
var viewport := SubViewport.new()
## Follows the scene's camera.
var camera := Camera3D.new()
var mirror: PlayblastSceneMirror
## The layer that the view shows, as a mask.
var layer: int


## A view of `world` on the layer FIRST_LAYER_BIT + `index`, under `parent`, [size.y, size.x] pixels, in `environment`, drawn with stand-ins
## of `material` that tell the ids of `id_of` (see PlayblastSceneMirror). It holds one exact value a pixel, until
## `soften`. In one that is `lit` surfaces cast shadows.
func _init(parent: Node, world: World3D, size: Vector2i, index: int, material: PlayblastProxyMaterial, id_of: Callable, environment: Environment, lit := false) -> void:
	layer = 1 << (FIRST_LAYER_BIT + index)
	mirror = PlayblastSceneMirror.new(layer, material, id_of, lit)
	viewport.size = size
	viewport.world_3d = world
	viewport.render_target_update_mode = SubViewport.UPDATE_DISABLED
	viewport.use_debanding = false
	viewport.positional_shadow_atlas_size = 2048 if lit else 0
	parent.add_child(viewport, false, Node.INTERNAL_MODE_FRONT)
	camera.environment = environment
	viewport.add_child(camera)
	camera.make_current()
	# The node's own property takes the first 20 layers only.
	RenderingServer.camera_set_cull_mask(camera.get_camera_rid(), layer)


## Softens edges as those of the engine's own picture are.
func soften() -> PlayblastAovView:
	viewport.msaa_3d = Viewport.MSAA_4X
	return self


## Has a compositor effect run on what is drawn.
func tap(effect: CompositorEffect) -> void:
	camera.compositor = Compositor.new()
	camera.compositor.compositor_effects = [effect]


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


## Has the view drawn with the frame that is about to be, as `source` sees the scene now.
func draw(source: Camera3D) -> void:
	aim(camera, source)
	mirror.follow(source.cull_mask)
	viewport.render_target_update_mode = SubViewport.UPDATE_ONCE


## Frees what the view added to the scene. Safe to call twice.
func free_view() -> void:
	mirror.clear()
	if is_instance_valid(viewport):
		viewport.queue_free()
