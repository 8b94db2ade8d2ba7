@tool
class_name PlayblastGamePreview
extends PlayblastPreview
## Shows what the running game streams: the game itself talks to the server, and hands its pictures on through the debugger.

var _link := PlayblastGameLink.new()


func _init() -> void:
	super()
	_link.preview = self


## The debugger's side, for EditorPlugin.add_debugger_plugin.
func link() -> PlayblastGameLink:
	return _link


## Whether a game runs that has the addon in it.
func is_there() -> bool:
	return _link.session() != null


func start(options: Dictionary) -> void:
	_link.send("start", [options])


func stop() -> void:
	_link.send("stop", [])
	if state != PlayblastLiveShot.State.STOPPED:
		_enter(PlayblastLiveShot.State.STOPPED, tr("Stopped"))


func freeze(is_frozen: bool) -> void:
	_link.send("freeze", [is_frozen])


func take_look(file: PackedByteArray, of_tick := PlayblastLiveShot.NO_TICK) -> void:
	_link.send("look", [file, of_tick])


func hold(tick: int) -> void:
	_link.send("hold", [tick])


func change_prompt(prompt: String) -> void:
	_link.send("prompt", [prompt])


func title() -> String:
	return tr("Running game")


## The game has ended, and with it all that it said.
func forget() -> void:
	state = PlayblastLiveShot.State.STOPPED
	state_text = ""
	ready_message = {}


## One message of the game's: see PlayblastGame.
func hear(message: String, data: Array) -> void:
	match message:
		"state":
			ready_message = data[2]
			about = data[3]
			_enter(data[0], data[1])
		"picture":
			var picture := PlayblastPicture.new()
			picture.tick = data[0]
			picture.generated = _image(data[1], data[2])
			picture.engine = _image(data[3], data[4])
			picture.latency_ms = data[5]
			rate = data[6]
			picture_shown.emit(picture)
		"notice":
			notice_received.emit(data[0])


static func _image(size: Vector2i, data: PackedByteArray) -> Image:
	return Image.create_from_data(size.x, size.y, false, Image.FORMAT_RGB8, data)
