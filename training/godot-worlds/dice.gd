class_name Dice
extends RefCounted
## Random draws for one subject of a world. The same world and subject give the same draws, whatever other subjects drew.

var _rng := RandomNumberGenerator.new()


func _init(world_seed: int, subject: String) -> void:
	_rng.seed = hash("%s of world %d" % [subject, world_seed])


## A number of low..high.
func between(low: float, high: float) -> float:
	return _rng.randf_range(low, high)


## A number of low..high, each doubling as likely as the next.
func scaled(low: float, high: float) -> float:
	return exp(_rng.randf_range(log(low), log(high)))


## A whole number of low..high, both included.
func whole(low: int, high: int) -> int:
	return _rng.randi_range(low, high)


func chance(share: float) -> bool:
	return _rng.randf() < share


## 1 or -1.
func side() -> float:
	return 1.0 if chance(0.5) else -1.0


func pick(options: Array) -> Variant:
	return options[_rng.randi_range(0, options.size() - 1)]


## A shuffled copy.
func shuffled(items: Array) -> Array:
	var left := items.duplicate()
	for i in range(left.size() - 1, 0, -1):
		var j := _rng.randi_range(0, i)
		var kept: Variant = left[i]
		left[i] = left[j]
		left[j] = kept
	return left


## A unit vector, all directions alike.
func direction() -> Vector3:
	var y := between(-1.0, 1.0)
	var turn := between(0.0, TAU)
	var flat := sqrt(1.0 - y * y)
	return Vector3(flat * cos(turn), y, flat * sin(turn))
