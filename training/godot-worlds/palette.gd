class_name Palette
extends RefCounted
## The colours that one world is painted in.

## Centres of hue, how far hues stray from them, least and greatest saturation.
const SCHEMES := [
	[[0.07, 0.1, 0.14, 0.3], 0.03, 0.15, 0.5],
	[[0.05, 0.08, 0.12, 0.58], 0.03, 0.1, 0.45],
	[[0.0, 0.17, 0.33, 0.5, 0.67, 0.83], 0.08, 0.2, 0.55],
	[[0.02, 0.11, 0.25, 0.4, 0.56, 0.7, 0.9], 0.03, 0.6, 0.95],
	[[0.58, 0.62, 0.1], 0.04, 0.03, 0.2],
	[[0.55, 0.6, 0.04], 0.04, 0.3, 0.8],
	[[0.35, 0.28, 0.95], 0.05, 0.25, 0.65],
]

var _dice: Dice
var _hues: Array[float] = []
var _least := 0.0
var _most := 1.0
## How far apart the colours of one pattern are, as a share.
var _contrast := 1.0


func _init(dice: Dice) -> void:
	_dice = dice
	var scheme: Array = dice.pick(SCHEMES)
	_least = scheme[2]
	_most = scheme[3]
	_contrast = dice.between(0.35, 1.0)
	for i in 4:
		_hues.append(fposmod(dice.pick(scheme[0]) + dice.between(-scheme[1], scheme[1]), 1.0))


## A colour of the given lightness; now and then nearly a grey, or one that is not of the world's scheme.
func colour(darkest: float, lightest: float) -> Color:
	var stray := _dice.chance(0.12)
	var hue: float = _dice.between(0.0, 1.0) if stray else _dice.pick(_hues)
	var saturation := _dice.between(0.1, 0.9) if stray else _dice.between(_least, _most)
	if _dice.chance(0.25):
		saturation *= 0.25
	return Color.from_ok_hsl(hue, saturation, _dice.between(darkest, lightest))


## Two colours that can be told apart: by lightness at least, often by hue too.
func pair(darkest: float, lightest: float) -> Array[Color]:
	var first := colour(darkest, lightest)
	var second := colour(darkest, lightest)
	var gap := _dice.between(0.12, 0.4) * _contrast
	var lightness := first.ok_hsl_l
	var other := lightness - gap if lightness - gap > 0.12 and (lightness + gap > 0.92 or _dice.chance(0.6)) else lightness + gap
	if _dice.chance(0.6):
		second = first
	second.ok_hsl_l = clampf(other, 0.08, 0.95)
	return [first, second]
