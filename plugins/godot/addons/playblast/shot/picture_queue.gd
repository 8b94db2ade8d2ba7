@tool
class_name PlayblastPictureQueue
extends RefCounted
## Says when a picture is shown. A chunk's pictures arrive together: the first is shown at once, the others in the time of
## their ticks. What still waits when the next chunk arrives is skipped, so that the newest is never late.

## A picture that comes so much of a tick after the one before it begins another chunk.
const NEW_CHUNK_TICKS := 0.5

## Whether pictures wait for the time of their ticks; else the newest is shown at once.
var is_smooth := true

var _waiting: Array[PlayblastPicture] = []
var _due_msec: Array[float] = []
var _last_arrival_msec := -INF
var _last_due_msec := -INF
var _last_tick := 0


## Takes a picture that arrived at `now_msec`; a tick lasts `tick_msec`.
func add(picture: PlayblastPicture, now_msec: float, tick_msec: float) -> void:
	var begins_chunk := now_msec - _last_arrival_msec > tick_msec * NEW_CHUNK_TICKS
	_last_arrival_msec = now_msec
	if begins_chunk or not is_smooth:
		clear()
	_last_due_msec = now_msec if _waiting.is_empty() and begins_chunk else _last_due_msec + (picture.tick - _last_tick) * tick_msec
	if not is_smooth:
		_last_due_msec = now_msec
	_last_tick = picture.tick
	_waiting.append(picture)
	_due_msec.append(_last_due_msec)


## The picture whose turn it is, or null. What falls due until half a display frame of `frame_msec` later counts as due.
func take(now_msec: float, frame_msec: float) -> PlayblastPicture:
	if _waiting.is_empty() or _due_msec[0] > now_msec + frame_msec / 2.0:
		return null
	_due_msec.pop_front()
	return _waiting.pop_front()


## Skips what waits.
func clear() -> void:
	_waiting.clear()
	_due_msec.clear()
