@tool
class_name PlayblastPicture
extends RefCounted
## One generated picture and the engine's own of the same tick.

var tick := 0
## What the server painted, RGB8, [H, W].
var generated: Image
## What the engine drew, RGB8, [H, W].
var engine: Image
## The EngineFrame message of the tick; empty for a running game's pictures in the editor.
var frame := {}
## Milliseconds from the engine's drawing to the picture's arrival.
var latency_ms := 0.0
## Percent of the pixels that a remembered frame showed, 0 to 100.
var coverage := 0.0
