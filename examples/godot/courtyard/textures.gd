class_name Textures
extends RefCounted
## Small tiling textures drawn by code, with detail that a picture of 256x144 can show.

const SIZE := 160


## A matt material; `scale` textures a metre. World-space placement keeps neighbouring boxes in step.
static func material(image: Image, scale: float, in_world: bool) -> StandardMaterial3D:
	image.generate_mipmaps()
	var made := StandardMaterial3D.new()
	made.albedo_texture = ImageTexture.create_from_image(image)
	made.texture_filter = BaseMaterial3D.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS_ANISOTROPIC
	made.uv1_triplanar = in_world
	made.uv1_world_triplanar = in_world
	made.uv1_scale = Vector3.ONE * scale
	made.roughness = 1.0
	made.metallic_specular = 0.0
	return made


static func _paint(colour_at: Callable) -> Image:
	var image := Image.create(SIZE, SIZE, false, Image.FORMAT_RGB8)
	for y in SIZE:
		for x in SIZE:
			image.set_pixel(x, y, colour_at.call(float(x) / SIZE, float(y) / SIZE))
	return image


static func _noise(seed: int, frequency: float) -> FastNoiseLite:
	var noise := FastNoiseLite.new()
	noise.seed = seed
	noise.frequency = frequency
	noise.fractal_octaves = 3
	return noise


## Noise that repeats at the texture's border: a walk around two circles.
static func _tiled(noise: FastNoiseLite, u: float, v: float) -> float:
	var a := u * TAU
	var b := v * TAU
	return noise.get_noise_3d(cos(a) * 40.0 + 100.0 * cos(b), sin(a) * 40.0, sin(b) * 40.0)


static func tiles(face: Color, gap: Color, across: int) -> Image:
	var noise := _noise(2, 0.02)
	return _paint(func(u: float, v: float) -> Color:
		var cell := Vector2i(int(u * across), int(v * across))
		var inside := Vector2(fmod(u * across, 1.0), fmod(v * across, 1.0))
		var edge := minf(minf(inside.x, 1.0 - inside.x), minf(inside.y, 1.0 - inside.y))
		var tone := 0.85 + 0.3 * fmod(sin(cell.x * 12.9898 + cell.y * 78.233) * 43758.5453, 1.0) * 0.5 + 0.2 * _tiled(noise, u, v)
		return gap.lerp(face * tone, smoothstep(0.03, 0.06, edge)))


static func bricks(face: Color, mortar: Color) -> Image:
	var noise := _noise(5, 0.03)
	return _paint(func(u: float, v: float) -> Color:
		var row := int(v * 6.0)
		var x := u * 3.0 + (0.5 if row % 2 else 0.0)
		var inside := Vector2(fmod(x, 1.0) * 2.0, fmod(v * 6.0, 1.0))
		var edge := minf(minf(inside.x, 2.0 - inside.x), minf(inside.y, 1.0 - inside.y))
		var tone := 0.9 + 0.35 * fmod(absf(sin((int(x) % 3) * 91.7 + row * 47.3) * 9371.3), 1.0) - 0.15 + 0.2 * _tiled(noise, u, v)
		return mortar.lerp(face * tone, smoothstep(0.06, 0.12, edge)))


static func planks(light: Color, dark: Color) -> Image:
	var noise := _noise(9, 0.02)
	return _paint(func(u: float, v: float) -> Color:
		var row := int(v * 4.0)
		var inside := fmod(v * 4.0, 1.0)
		var grain := 0.5 + 0.5 * sin(u * TAU * 2.0 + 6.0 * _tiled(noise, u, v) + row * 2.1)
		var tone := 0.85 + 0.3 * fmod(absf(sin(row * 37.7) * 917.3), 1.0)
		return dark.lerp(light.lerp(dark, grain * 0.45) * tone, smoothstep(0.04, 0.1, minf(inside, 1.0 - inside))))


static func blotches(light: Color, dark: Color, seed: int) -> Image:
	var noise := _noise(seed, 0.025)
	return _paint(func(u: float, v: float) -> Color: return dark.lerp(light, clampf(0.5 + 1.1 * _tiled(noise, u, v), 0.0, 1.0)))


static func stripes(a: Color, b: Color) -> Image:
	return _paint(func(u: float, _v: float) -> Color: return a.lerp(b, smoothstep(0.46, 0.54, absf(fmod(u * 4.0, 1.0) - 0.5) * 2.0)))
