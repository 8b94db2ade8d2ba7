@tool
class_name PlayblastCapturedTick
extends RefCounted
## One tick of a scene, all of the same moment: what travels to the server, and the engine's own picture of it.

## The engine's frame counter.
var tick := 0
## The EngineFrame message.
var message: Dictionary
## Plane messages by their kinds, as they come; when the tick is complete the message has them.
var planes: Dictionary[int, Dictionary] = {}
## The engine's own picture, RGB8, [H, W].
var picture: Image
## When it was drawn, in milliseconds since the start.
var drawn_msec := 0
## Pieces that the device has not handed over yet.
var missing := 0
