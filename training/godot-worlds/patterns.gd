class_name Patterns
extends RefCounted
## Draws square textures that repeat without a seam.

const SIZE := 192
const DRAWS := 1024

## Pattern cells across the texture that was drawn last.
var cells := 1.0

var _dice: Dice
var _palette: Palette
var _draws := PackedFloat32Array()


func _init(dice: Dice, palette: Palette) -> void:
	_dice = dice
	_palette = palette
	for i in DRAWS:
		_draws.append(dice.between(0.0, 1.0))


## A picture of one kind, named as the methods below, in two colours and shades of them, more or less worn.
func draw(kind: String, colours: Array[Color]) -> Image:
	var colour_at: Callable = call("_" + kind, colours[0], colours[1])
	var worn := _field(_dice.scaled(1.5, 6.0), FastNoiseLite.TYPE_SIMPLEX_SMOOTH, 3)
	var grain := _field(SIZE / _dice.between(3.0, 8.0), FastNoiseLite.TYPE_SIMPLEX, 1)
	var wear := _dice.between(0.0, 0.5) if _dice.chance(0.7) else 0.04
	var speckle := _dice.between(0.02, 0.16)
	var bytes := PackedByteArray()
	bytes.resize(SIZE * SIZE * 3)
	var i := 0
	for y in SIZE:
		for x in SIZE:
			var tone := 1.0 + wear * (worn[i] / 255.0 - 0.5) + speckle * (grain[i] / 255.0 - 0.5)
			var colour: Color = colour_at.call((x + 0.5) / SIZE, (y + 0.5) / SIZE, i)
			bytes[i * 3] = clampi(int(colour.r * tone * 255.0), 0, 255)
			bytes[i * 3 + 1] = clampi(int(colour.g * tone * 255.0), 0, 255)
			bytes[i * 3 + 2] = clampi(int(colour.b * tone * 255.0), 0, 255)
			i += 1
	return Image.create_from_data(SIZE, SIZE, false, Image.FORMAT_RGB8, bytes)


func _plain(a: Color, _b: Color) -> Callable:
	cells = 3.0
	return func(_u: float, _v: float, _i: int) -> Color: return a


func _clouds(a: Color, b: Color) -> Callable:
	cells = _dice.whole(2, 6)
	var noise := _field(cells, FastNoiseLite.TYPE_SIMPLEX_SMOOTH, _dice.whole(1, 4))
	var hard := _dice.between(0.08, 0.5)
	return func(_u: float, _v: float, i: int) -> Color: return b.lerp(a, smoothstep(0.5 - hard, 0.5 + hard, noise[i] / 255.0))


func _marble(a: Color, b: Color) -> Callable:
	cells = 2.0
	var noise := _field(_dice.between(2.0, 4.0), FastNoiseLite.TYPE_SIMPLEX_SMOOTH, 4)
	var bands := Vector2i(_dice.whole(0, 2), _dice.whole(1, 3))
	var swirl := _dice.between(3.0, 9.0)
	return func(u: float, v: float, i: int) -> Color:
		var wave := absf(sin(PI * (bands.x * u + bands.y * v) + swirl * noise[i] / 255.0))
		return b.lerp(a, pow(wave, 0.6))


## Rubble: cells of noise with dark joints.
func _stones(a: Color, b: Color) -> Callable:
	cells = _dice.whole(4, 9)
	var noise_seed := _dice.whole(0, 1 << 20)
	var tones := _cellular(noise_seed, FastNoiseLite.RETURN_CELL_VALUE)
	var edges := _cellular(noise_seed, FastNoiseLite.RETURN_DISTANCE2_SUB)
	var joint := a.darkened(_dice.between(0.25, 0.6))
	return func(_u: float, _v: float, i: int) -> Color:
		return joint.lerp(a.lerp(b, tones[i] / 255.0), smoothstep(0.04, 0.12, edges[i] / 255.0))


## Chips of several colours in a bed.
func _terrazzo(a: Color, b: Color) -> Callable:
	cells = _dice.whole(8, 16)
	var tones := _cellular(_dice.whole(0, 1 << 20), FastNoiseLite.RETURN_CELL_VALUE)
	var chips: Array[Color] = [b, _palette.colour(0.2, 0.9), b.lightened(0.3)]
	var share := _dice.between(0.25, 0.7) * 255.0
	return func(_u: float, _v: float, i: int) -> Color: return chips[tones[i] % 3] if tones[i] < share else a


func _tiles(a: Color, b: Color) -> Callable:
	return _laid(a, b, _dice.whole(2, 6), _dice.whole(2, 6), 0.0)


## Rows of long blocks, each row shifted.
func _bond(a: Color, b: Color) -> Callable:
	var across := _dice.whole(2, 4)
	return _laid(a, b, across, across * _dice.whole(2, 3), _dice.pick([0.5, 0.5, 0.33, 0.25]))


func _laid(a: Color, b: Color, across: int, down: int, shift: float) -> Callable:
	cells = across
	var gap := _dice.between(0.015, 0.06)
	var spread := _dice.between(0.0, 0.35)
	# A shift that does not come back to where it began would leave a seam: rows repeat in pairs or threes or fours.
	var period := roundi(1.0 / shift) if shift > 0.0 else 1
	var rows := maxi(period, down / period * period)
	var mixed := _dice.chance(0.3)
	return func(u: float, v: float, _i: int) -> Color:
		var row := int(v * rows)
		var x := fposmod(u * across + (row % period) * (1.0 / period), across)
		var inside := Vector2(fmod(x, 1.0) / across, fmod(v * rows, 1.0) / rows) * across
		var size := Vector2(1.0, float(across) / rows)
		var edge := minf(minf(inside.x, size.x - inside.x), minf(inside.y, size.y - inside.y))
		var draw := _draw(int(x), row)
		var face := (b if mixed and draw > 0.6 else a) * (1.0 + spread * (draw - 0.5))
		return (b * 0.8).lerp(face, smoothstep(gap * 0.5, gap, edge))


## Squares of strips that lie crosswise to their neighbours'.
func _basket(a: Color, b: Color) -> Callable:
	cells = _dice.whole(1, 3) * 2
	var strips := _dice.whole(2, 4)
	return func(u: float, v: float, _i: int) -> Color:
		var at := Vector2(u, v) * cells
		var cell := Vector2i(at)
		var inside := at - Vector2(cell)
		if (cell.x + cell.y) % 2:
			inside = Vector2(inside.y, inside.x)
		var strip := int(inside.x * strips)
		var edge := minf(fmod(inside.x * strips, 1.0), 1.0 - fmod(inside.x * strips, 1.0))
		var tone := 0.85 + 0.3 * _draw(cell.x * 8 + strip, cell.y)
		return (b * 0.7).lerp(a * tone, smoothstep(0.03, 0.1, edge) * smoothstep(0.01, 0.04, minf(inside.y, 1.0 - inside.y)))


func _planks(a: Color, b: Color) -> Callable:
	cells = _dice.whole(3, 7)
	var noise := _field(3.0, FastNoiseLite.TYPE_SIMPLEX_SMOOTH, 3)
	var upright := _dice.chance(0.5)
	var rings := _dice.between(2.0, 7.0)
	var depth := _dice.between(0.15, 0.6)
	return func(u: float, v: float, _i: int) -> Color:
		var along := v if upright else u
		var across := (u if upright else v) * cells
		var board := int(across)
		var inside := across - board
		# Grain: noise drawn out along the board.
		var gx := int((across * 1.7 + board * 0.37) * SIZE / 4.0) % SIZE
		var gy := int(fposmod(along + _draw(board, 3), 1.0) * SIZE * 0.999)
		var grain := 0.5 + 0.5 * sin(rings * (noise[gy * SIZE + gx] / 40.0 + inside * 2.0))
		var butt := absf(fposmod(along + _draw(board, 1), 1.0) - 0.5) * SIZE
		var edge := smoothstep(0.02, 0.08, minf(inside, 1.0 - inside)) * smoothstep(0.6, 1.6, butt)
		return (b * 0.5).lerp(a.lerp(b, depth * grain) * (0.8 + 0.4 * _draw(board, 2)), edge)


func _stripes(a: Color, b: Color) -> Callable:
	var count := _dice.whole(2, 7)
	cells = count
	var slant := _dice.pick([Vector2i(1, 0), Vector2i(0, 1), Vector2i(1, 0), Vector2i(0, 1), Vector2i(1, 1)]) as Vector2i
	var share := _dice.between(0.2, 0.7)
	var third := _palette.colour(0.2, 0.9)
	var every := _dice.pick([0, 0, 2, 3]) as int
	return func(u: float, v: float, _i: int) -> Color:
		var at := fposmod((slant.x * u + slant.y * v) * count, count)
		var ink := third if every > 0 and int(at) % every == 0 else b
		return a.lerp(ink, smoothstep(share - 0.02, share + 0.02, absf(fmod(at, 1.0) - 0.5) * 2.0))


func _plaid(a: Color, b: Color) -> Callable:
	cells = _dice.whole(2, 5)
	var third := _palette.colour(0.2, 0.9)
	var wide := _dice.between(0.2, 0.5)
	var thin := _dice.between(0.04, 0.1)
	return func(u: float, v: float, _i: int) -> Color:
		var x := fmod(u * cells, 1.0)
		var y := fmod(v * cells, 1.0)
		var colour := a.lerp(b, (0.5 if x < wide else 0.0) + (0.5 if y < wide else 0.0))
		return colour.lerp(third, 0.6) if absf(x - 0.7) < thin or absf(y - 0.7) < thin else colour


func _check(a: Color, b: Color) -> Callable:
	cells = _dice.whole(1, 4) * 2
	return func(u: float, v: float, _i: int) -> Color:
		var cell := Vector2i(int(u * cells), int(v * cells))
		return (a if (cell.x + cell.y) % 2 else b) * (0.92 + 0.16 * _draw(cell.x, cell.y))


func _diamonds(a: Color, b: Color) -> Callable:
	cells = _dice.whole(2, 5)
	var third := _palette.colour(0.2, 0.9)
	var reach := _dice.between(0.25, 0.5)
	return func(u: float, v: float, _i: int) -> Color:
		var x := absf(fmod(u * cells, 1.0) - 0.5)
		var y := absf(fmod(v * cells, 1.0) - 0.5)
		return third if x + y < reach * 0.35 else a.lerp(b, smoothstep(0.02, -0.02, x + y - reach))


func _spots(a: Color, b: Color) -> Callable:
	cells = _dice.whole(3, 7)
	var across := int(cells)
	var third := _palette.colour(0.2, 0.9)
	var jitter := _dice.between(0.0, 0.3)
	var radius := _dice.between(0.15, 0.34)
	return func(u: float, v: float, _i: int) -> Color:
		var cell := Vector2i(int(u * across), int(v * across))
		var off := Vector2(_draw(cell.x, cell.y) - 0.5, _draw(cell.y + 31, cell.x) - 0.5) * jitter
		var from := Vector2(u, v) * across - Vector2(cell) - Vector2(0.5, 0.5) - off
		var ink := third if _draw(cell.x, cell.y + 17) > 0.7 else b
		var size := minf(radius * (0.6 + 0.6 * _draw(cell.x + 5, cell.y)), 0.5 - jitter * 0.5)
		return a.lerp(ink, smoothstep(0.03, -0.03, from.length() - size))


func _rings(a: Color, b: Color) -> Callable:
	cells = _dice.whole(1, 4)
	var count := _dice.whole(2, 5)
	return func(u: float, v: float, _i: int) -> Color:
		var from := Vector2(fmod(u * cells, 1.0) - 0.5, fmod(v * cells, 1.0) - 0.5).length()
		return a if from > 0.48 else a.lerp(b, smoothstep(-0.2, 0.2, sin(from * TAU * count)))


func _gradient(a: Color, b: Color) -> Callable:
	cells = 1.0
	var steps := _dice.pick([0, 0, 5, 8]) as int
	return func(_u: float, v: float, _i: int) -> Color:
		var share := 1.0 - absf(v * 2.0 - 1.0)
		return a.lerp(b, floorf(share * steps) / (steps - 1) if steps > 0 else share)


func _patches(a: Color, b: Color) -> Callable:
	cells = _dice.whole(3, 8)
	var across := int(cells)
	var inks: Array[Color] = [a, b, _palette.colour(0.3, 0.85), a.lightened(0.25), b.darkened(0.25)]
	return func(u: float, v: float, _i: int) -> Color: return inks[int(_draw(int(u * across), int(v * across)) * 4.99)]


func _zigzag(a: Color, b: Color) -> Callable:
	var teeth := _dice.whole(2, 5)
	var rows := _dice.whole(2, 6)
	cells = teeth
	return func(u: float, v: float, _i: int) -> Color:
		var tooth := absf(fmod(u * teeth, 1.0) - 0.5)
		return a.lerp(b, smoothstep(0.46, 0.54, absf(fposmod(v * rows + tooth, 1.0) - 0.5) * 2.0))


func _waves(a: Color, b: Color) -> Callable:
	var rows := _dice.whole(3, 8)
	var bends := _dice.whole(1, 3)
	var height := _dice.between(0.1, 0.5)
	cells = rows
	return func(u: float, v: float, _i: int) -> Color:
		return a.lerp(b, 0.5 + 0.5 * sin(TAU * (v * rows + height * sin(TAU * u * bends))))


## Signs of a made-up script: mirrored squares of 5 by 5.
func _glyphs(a: Color, b: Color) -> Callable:
	cells = _dice.whole(2, 5)
	var across := int(cells)
	return func(u: float, v: float, _i: int) -> Color:
		var cell := Vector2i(int(u * across), int(v * across))
		var inside := Vector2i(int(fmod(u * across, 1.0) * 7.0), int(fmod(v * across, 1.0) * 7.0))
		if inside.x < 1 or inside.x > 5 or inside.y < 1 or inside.y > 5:
			return a
		return b if _draw(cell.x * 9 + absi(inside.x - 3), cell.y * 9 + inside.y) > 0.5 else a


## A fixed random number 0..1 for a cell.
func _draw(x: int, y: int) -> float:
	return _draws[(x * 57 + y * 131 + 7) & (DRAWS - 1)]


## Smooth noise, 0..255, `across` features over the texture.
func _field(across: float, kind: FastNoiseLite.NoiseType, octaves: int) -> PackedByteArray:
	var noise := FastNoiseLite.new()
	noise.noise_type = kind
	noise.seed = _dice.whole(0, 1 << 20)
	noise.frequency = across / SIZE
	noise.fractal_octaves = octaves
	return noise.get_seamless_image(SIZE, SIZE).get_data()


func _cellular(noise_seed: int, returned: FastNoiseLite.CellularReturnType) -> PackedByteArray:
	var noise := FastNoiseLite.new()
	noise.noise_type = FastNoiseLite.TYPE_CELLULAR
	noise.seed = noise_seed
	noise.frequency = cells / SIZE
	noise.fractal_type = FastNoiseLite.FRACTAL_NONE
	noise.cellular_return_type = returned
	return noise.get_seamless_image(SIZE, SIZE).get_data()
