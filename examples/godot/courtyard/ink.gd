class_name Ink
extends RefCounted
## A look of its own for the yard: a drawing in three flat tones, hatched where it is dark, with a line round
## everything but the walker, whom it would fill.

const TONES := 3
const LINE_METRES := 0.022
const INK := Color(0.09, 0.07, 0.15)
const PAPER := Color(0.97, 0.86, 0.6)
## Hatching lines along a texture's border; the shares of a line's period that are ink.
const HATCHES := 14
const HATCH_INK := 0.36


## Redraws all that stands under `scene`: materials, sky and ambient light.
static func draw_over(scene: Node) -> void:
	var drawn: Dictionary[Material, Material] = {}
	var line := _line()
	for mesh: MeshInstance3D in scene.find_children("*", "MeshInstance3D", true, false):
		var plain := mesh.material_override as StandardMaterial3D
		if not plain in drawn:
			drawn[plain] = _inked(plain, line)
		mesh.material_override = drawn[plain]
	for world: WorldEnvironment in scene.find_children("*", "WorldEnvironment", true, false):
		world.environment.background_mode = Environment.BG_COLOR
		world.environment.background_color = PAPER
		world.environment.ambient_light_color = Color(0.62, 0.58, 0.95)


static func _inked(plain: StandardMaterial3D, line: Material) -> StandardMaterial3D:
	var inked: StandardMaterial3D = plain.duplicate()
	inked.diffuse_mode = BaseMaterial3D.DIFFUSE_TOON
	inked.roughness = 0.15  # of toon shading: how soft the step from light to dark is
	if plain.albedo_texture:
		inked.next_pass = line
		inked.albedo_texture = _redrawn(plain.albedo_texture.get_image())
	return inked


## A hull a little larger than the mesh, seen from inside: the line round it.
static func _line() -> StandardMaterial3D:
	var line := StandardMaterial3D.new()
	line.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	line.albedo_color = INK
	line.cull_mode = BaseMaterial3D.CULL_FRONT
	line.grow = true
	line.grow_amount = LINE_METRES
	return line


## A texture in three tones of its own mean hue, the darkest hatched.
static func _redrawn(from: Image) -> ImageTexture:
	var image := Image.create(from.get_width(), from.get_height(), false, Image.FORMAT_RGB8)
	from.decompress()
	var least := 1.0
	var most := 0.0
	var mean := Color.BLACK
	for y in from.get_height():
		for x in from.get_width():
			var colour := from.get_pixel(x, y)
			least = minf(least, colour.get_luminance())
			most = maxf(most, colour.get_luminance())
			mean += colour / (from.get_width() * from.get_height())
	for y in from.get_height():
		for x in from.get_width():
			var tone := inverse_lerp(least, most + 0.001, from.get_pixel(x, y).get_luminance())
			var step := int(tone * TONES)
			var colour := Color.from_hsv(mean.h, minf(1.0, mean.s * 1.5), clampf(mean.v * (0.75 + 0.4 * step), 0.0, 1.0))
			var along := fmod(float(x + y) / from.get_width() * HATCHES, 1.0)
			image.set_pixel(x, y, INK.lerp(colour, 0.2) if step == 0 and along < HATCH_INK else colour)
	image.generate_mipmaps()
	return ImageTexture.create_from_image(image)
