class_name Orbits
extends RefCounted
## Ways for the camera to go round the walker, each in a shot of its own. The first is the one of the example's take.

## Degrees at the start, degrees of the sweep, metres from the walker, metres above his belt, seconds that the scene is ahead.
const ALL: Array[PackedFloat64Array] = [
	[-6.0, 46.0, 4.3, 0.75, 0.0],
	[50.0, -70.0, 4.0, 0.6, 0.3],
	[-50.0, 60.0, 3.6, 0.9, 0.8],
	[95.0, -45.0, 4.2, 0.8, 0.5],
	[20.0, 55.0, 3.4, 0.45, 1.0],
	[-75.0, 40.0, 4.0, 0.7, 0.4],
	[-30.0, -50.0, 3.8, 0.9, 0.9],
	[200.0, 30.0, 3.0, 0.8, 1.5],
	[60.0, 50.0, 4.2, 0.9, 0.1],
	[-20.0, -40.0, 4.1, 1.0, 0.2],
	[10.0, 80.0, 3.8, 0.7, 0.6],
]


## Where the camera stands from the walker's belt at a share 0..1 of the shot.
static func offset(orbit: PackedFloat64Array, share: float) -> Vector3:
	var angle := deg_to_rad(orbit[0] + orbit[1] * (0.5 - 0.5 * cos(PI * clampf(share, 0.0, 1.0))))
	return Vector3(sin(angle) * orbit[2], orbit[3], cos(angle) * orbit[2])


## Seconds that the scene is ahead of the shot.
static func ahead(orbit: PackedFloat64Array) -> float:
	return orbit[4]
