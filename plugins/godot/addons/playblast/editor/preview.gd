@tool
class_name PlayblastPreview
extends Node
## What the dock looks at: the edited scene (PlayblastScenePreview) or the running game (PlayblastGamePreview).

## The state changed; `text` says it in words.
signal state_changed(state: PlayblastLiveShot.State, text: String)
## A picture is to be shown now.
@warning_ignore("unused_signal")
signal picture_shown(picture: PlayblastPicture)
## The server has something to say that ends nothing.
@warning_ignore("unused_signal")
signal notice_received(message: String)

var state := PlayblastLiveShot.State.STOPPED
var state_text := ""
## The open shot's ShotReady message.
var ready_message := {}
## What the server is and has: see PlayblastServerProbe.
var about := {}
## Pictures a second that came back lately.
var rate := 0.0


func _init() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)


## Streams with these options: see PlayblastShot.apply; "look" holds an encoded first frame, "record_as" a take's name.
func start(_options: Dictionary) -> void:
	pass


## Ends the stream. Safe to call twice.
func stop() -> void:
	pass


## Lets the picture stand still, or go on.
func freeze(_is_frozen: bool) -> void:
	pass


## Takes a new look: an encoded picture, or the engine's own where it is empty; `of_tick` is the tick of `hold` that it is of.
func take_look(_file: PackedByteArray, _of_tick := PlayblastLiveShot.NO_TICK) -> void:
	pass


## Keeps the scene as it was at the tick of a picture that was shown lately, for a look that is painted over that picture.
func hold(_tick: int) -> void:
	pass


## Says that something of the edited scene may look different now.
func touch() -> void:
	pass


## New words for models that take text.
func change_prompt(_prompt: String) -> void:
	pass


## What is looked at, in words.
func title() -> String:
	return ""


func _enter(new_state: PlayblastLiveShot.State, text: String) -> void:
	state = new_state
	state_text = text
	state_changed.emit(state, text)
