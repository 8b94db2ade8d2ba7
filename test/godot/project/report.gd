@tool
class_name Report
extends RefCounted
## Counts checks and prints the ones that fail.
##
## A plain runner instead of GUT or gdUnit4: those are fetched from Godot's asset library or GitHub, and a test machine need
## reach neither.

var _passed := 0
var _failed := 0


## Counts one check; `what` says in words what should hold, `came` what came instead.
func check(holds: bool, what: String, came: Variant = null) -> void:
	if holds:
		_passed += 1
	else:
		_failed += 1
		print("FAIL ", what, "" if came == null else ": %s" % [came])


## Prints the totals; returns the process's exit code.
func finish() -> int:
	print("%d passed, %d failed" % [_passed, _failed])
	return 1 if _failed > 0 or _passed == 0 else 0
