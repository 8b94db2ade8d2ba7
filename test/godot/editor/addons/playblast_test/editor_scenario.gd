@tool
class_name EditorScenario
extends RefCounted
## One story of a user's, told in checks. Leaves the editor as it found it: see EditorUser.tidy_up.

const STAGE := "res://stage/stage.tscn"

var user: EditorUser
var report: Report


func _init(with_user: EditorUser, to_report: Report) -> void:
	user = with_user
	report = to_report


## Tells the story.
func run() -> void:
	pass


## Waits until something holds, and counts that as a check.
func expect(condition: Callable, what: String, seconds := 20.0) -> bool:
	var holds := await user.until(condition, seconds)
	report.check(holds, what, null if holds else user.situation())
	return holds
