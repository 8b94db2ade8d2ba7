@tool
class_name PlayblastShotStream
extends RefCounted
## One shot over the server's WebSocket door: requests out, responses in, credit kept. Never waits: call `poll` every frame.

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

const BUFFER_BYTES := 64 << 20
const MOST_PACKETS := 4096
const CONNECT_MSEC := 5000

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

var _socket := WebSocketPeer.new()
var _open := {}
var _is_live := false
var _is_connected := false
var _deadline := 0


func _init() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)


## Begins to connect to `url` (ws://127.0.0.1:50071/v1/shot); OpenShot message `open` is sent as soon as it can be. Answers come
## by the signals, a failure too (`closed`).
func connect_to_server(url: String, open: Dictionary, token := "") -> void:
	_socket.inbound_buffer_size = BUFFER_BYTES
	_socket.outbound_buffer_size = BUFFER_BYTES
	_socket.max_queued_packets = MOST_PACKETS
	if token != "":
		_socket.handshake_headers = PackedStringArray(["Authorization: Bearer " + token])
	_open = open
	_is_live = open.get("mode", 0) == PlayblastProtocol.ShotMode.LIVE
	_deadline = Time.get_ticks_msec() + CONNECT_MSEC
	var error := _socket.connect_to_url(url)
	if error != OK:
		_end(tr("%s cannot be connected to (%s)") % [url, error_string(error)])


## Sends one StreamShotRequest, given as a dictionary with one key.
func send(request: Dictionary) -> Error:
	return send_bytes(PlayblastProtocol.encode_stream_shot_request(request), request.has("engine_frame"))


## Sends one encoded StreamShotRequest; an engine frame takes credit.
func send_bytes(bytes: PackedByteArray, is_engine_frame: bool) -> Error:
	if is_over or not _is_connected:
		return ERR_CONNECTION_ERROR
	if is_engine_frame and not _is_live:
		credit -= 1
	return _socket.send(bytes)


## Reads what has arrived.
func poll() -> void:
	if is_over:
		return
	_socket.poll()
	var state := _socket.get_ready_state()
	if state == WebSocketPeer.STATE_CONNECTING and Time.get_ticks_msec() > _deadline:
		_end(tr("The server did not answer in %d s.") % (CONNECT_MSEC / 1000.0))
		return
	if state == WebSocketPeer.STATE_OPEN and not _is_connected:
		_is_connected = true
		_socket.set_no_delay(true)
		send({"open_shot": _open})
	while not is_over and _socket.get_available_packet_count() > 0:
		_handle(PlayblastProtocol.decode_stream_shot_response(_socket.get_packet()))
	if state == WebSocketPeer.STATE_CLOSED and not is_over:
		_end(tr("The connection to the server was lost.") if _is_connected else tr("The server cannot be connected to."))


## Whether the shot is open and a frame may be sent now.
func may_send() -> bool:
	return not is_over and not ready.is_empty() and (_is_live or credit > 0)


## Leaves at once; what is on its way is lost. Safe to call twice.
func abandon() -> void:
	is_over = true
	_socket.close()
	# So that the server hears of it.
	_socket.poll()


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
		was_refused = true
		_end(response.shot_failed.get("message", tr("The shot failed.")))


func _end(error: String) -> void:
	if is_over:
		return
	abandon()
	closed.emit(error)
