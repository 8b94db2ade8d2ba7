class_name Surfaces
extends RefCounted
## The materials of one world: tiling textures of many kinds and scales, drawn from its dice and palette.

const GROUND: Array[String] = ["tiles", "tiles", "planks", "stones", "terrazzo", "check", "clouds", "clouds", "patches", "waves", "basket", "bond", "marble", "plain"]
const WALL: Array[String] = ["plain", "clouds", "stripes", "planks", "bond", "bond", "tiles", "plaid", "diamonds", "spots", "gradient", "stones", "zigzag", "terrazzo", "marble", "patches"]
const THING: Array[String] = ["plain", "clouds", "stripes", "planks", "check", "plaid", "diamonds", "spots", "rings", "gradient", "patches", "zigzag", "waves", "glyphs", "terrazzo", "marble", "stones"]
const CLOTH: Array[String] = ["plain", "stripes", "check", "plaid", "spots", "zigzag", "clouds", "diamonds", "glyphs", "waves"]
const FOLIAGE: Array[String] = ["clouds", "spots", "terrazzo", "patches"]

var _dice: Dice
var _palette: Palette
var _patterns: Patterns


func _init(dice: Dice, palette: Palette) -> void:
	_dice = dice
	_palette = palette
	_patterns = Patterns.new(dice, palette)


## For floors, streets and fields; placed in the world's coordinates.
func ground() -> StandardMaterial3D:
	return _material(_dice.pick(GROUND), 0.42, 0.8, _dice.scaled(0.12, 0.9), true)


## For walls; placed in the world's coordinates.
func wall() -> StandardMaterial3D:
	return _material(_dice.pick(WALL), 0.4, 0.92, _dice.scaled(0.1, 0.7), true)


## For what stands around; textures keep to the thing's own coordinates.
func thing() -> StandardMaterial3D:
	return _material(_dice.pick(THING), 0.25, 0.9, _dice.scaled(0.06, 0.4), false)


## For what moves: strong patterns, so that a turn is seen.
func mover() -> StandardMaterial3D:
	return _material(_dice.pick(THING.filter(func(kind: String) -> bool: return kind != "plain")), 0.35, 0.9, _dice.scaled(0.08, 0.3), false)


## For leaves and moss.
func foliage() -> StandardMaterial3D:
	var green := Color.from_ok_hsl(_dice.between(0.2, 0.42) if _dice.chance(0.8) else _dice.between(0.02, 0.15), _dice.between(0.3, 0.8), _dice.between(0.35, 0.6))
	var dark := green
	dark.ok_hsl_l = green.ok_hsl_l - _dice.between(0.12, 0.28)
	return _finish(_patterns.draw(_dice.pick(FOLIAGE), [green, dark]), _dice.scaled(0.08, 0.35), false)


## For clothes; textures follow the cloth's own coordinates, in metres.
func cloth() -> StandardMaterial3D:
	var pattern: String = _dice.pick(CLOTH)
	var made := _material(pattern, 0.2, 0.85, _dice.scaled(0.03, 0.12), false)
	made.uv1_triplanar = false
	return made


## One colour with hardly any texture, for skin and hair.
func plain(colour: Color) -> StandardMaterial3D:
	var made := _finish(_patterns.draw("plain", [colour, colour.darkened(0.2)]), 0.2, false)
	made.uv1_triplanar = false
	return made


func _material(pattern: String, darkest: float, lightest: float, feature: float, in_world: bool) -> StandardMaterial3D:
	return _finish(_patterns.draw(pattern, _palette.pair(darkest, lightest)), feature, in_world)


## `feature` is the size of the pattern's cells in metres.
func _finish(image: Image, feature: float, in_world: bool) -> StandardMaterial3D:
	image.generate_mipmaps()
	var made := StandardMaterial3D.new()
	made.albedo_texture = ImageTexture.create_from_image(image)
	made.texture_filter = BaseMaterial3D.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS_ANISOTROPIC
	made.uv1_triplanar = true
	made.uv1_world_triplanar = in_world
	made.uv1_triplanar_sharpness = 8.0
	made.uv1_scale = Vector3.ONE / (feature * _patterns.cells)
	made.uv1_offset = Vector3(_dice.between(0.0, 1.0), _dice.between(0.0, 1.0), _dice.between(0.0, 1.0))
	made.roughness = _dice.between(0.55, 1.0)
	made.metallic_specular = _dice.between(0.0, 0.5) if _dice.chance(0.6) else 0.0
	made.metallic = _dice.between(0.1, 0.4) if _dice.chance(0.12) else 0.0
	return made
