@tool
class_name PlayblastShotStream
extends RefCounted
## One shot over the server's WebSocket door: requests out, responses in, credit kept. Never waits: call `poll` every frame.
## A thread packs and unpacks (PlayblastShotSocket), so a request must not be changed once it is sent.

## The server is ready for frames; `ready` is the ShotReady message.
signal opened(ready: Dictionary)
## A picture came back, as a GeneratedFrame message.
signal frame_generated(frame: Dictionary)
## A tick will have no picture; `reason` is a PlayblastProtocol.DropReason.
signal frame_dropped(tick: int, reason: int)
## The server has something to say that ends nothing; `kind` is a PlayblastProtocol.NoticeKind.
signal notice_received(kind: int, message: String)
## The shot ended; `error` is empty when it ended well.
signal closed(error: String)

## The google.rpc.Code of a server that is shutting down: the next one may take the shot.
const CODE_UNAVAILABLE := 14

## Frames that may be sent now; without meaning in a live shot.
var credit := 0
## The ShotReady message, once it came.
var ready := {}
## Totals of ShotClosed.
var totals := {}
## Whether the shot has ended.
var is_over := false
## Whether the server refused the shot or ended it for a mistake of ours, so that trying again as it is would not help.
var was_refused := false

var _socket := PlayblastShotSocket.new()
var _is_live := false


func _init() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)


## Begins to connect to `url` (ws://127.0.0.1:50071/v1/shot); OpenShot message `open` is sent as soon as it can be. Answers come
## by the signals, a failure too (`closed`).
func connect_to_server(url: String, open: Dictionary, token := "") -> void:
	_is_live = open.get("mode", 0) == PlayblastProtocol.ShotMode.LIVE
	_socket.open(url, token, {"open_shot": open})


## Sends one StreamShotRequest, given as a dictionary with one key; an engine frame takes credit.
func send(request: Dictionary) -> Error:
	return _send(request, request.has("engine_frame"))


## Sends one encoded StreamShotRequest; an engine frame takes credit.
func send_bytes(bytes: PackedByteArray, is_engine_frame: bool) -> Error:
	return _send(bytes, is_engine_frame)


## Reads what has arrived.
func poll() -> void:
	if is_over:
		return
	for response in _socket.take():
		if not is_over:
			_handle(response)
	if is_over:
		return
	match _socket.ended():
		PlayblastShotSocket.End.UNREACHABLE:
			_end(tr("The server cannot be connected to."))
		PlayblastShotSocket.End.SILENT:
			_end(tr("The server did not answer in %d s.") % (PlayblastShotSocket.CONNECT_MSEC / 1000.0))
		PlayblastShotSocket.End.LOST:
			_end(tr("The connection to the server was lost."))


## Whether the shot is open and a frame may be sent now.
func may_send() -> bool:
	return not is_over and not ready.is_empty() and (_is_live or credit > 0)


## Leaves at once; what waits is sent, what comes is lost. Safe to call twice.
func abandon() -> void:
	is_over = true
	_socket.close()


func _send(request: Variant, is_engine_frame: bool) -> Error:
	if is_over or ready.is_empty():
		return ERR_CONNECTION_ERROR
	if is_engine_frame and not _is_live:
		credit -= 1
	_socket.send(request)
	return OK


func _handle(response: Dictionary) -> void:
	if response.has("shot_ready"):
		ready = response.shot_ready
		credit = ready.get("credit", 0)
		opened.emit(ready)
	elif response.has("credit"):
		credit += response.credit.get("frames", 0)
	elif response.has("generated_frame"):
		frame_generated.emit(response.generated_frame)
	elif response.has("frame_dropped"):
		frame_dropped.emit(response.frame_dropped.get("tick", 0), response.frame_dropped.get("reason", 0))
	elif response.has("notice"):
		notice_received.emit(response.notice.get("kind", 0), response.notice.get("message", ""))
	elif response.has("shot_closed"):
		totals = response.shot_closed
		_end("")
	elif response.has("shot_failed"):
		was_refused = response.shot_failed.get("code", 0) != CODE_UNAVAILABLE
		_end(response.shot_failed.get("message", tr("The shot failed.")))


func _end(error: String) -> void:
	if is_over:
		return
	abandon()
	closed.emit(error)
