class_name PlayblastShotStream
extends RefCounted
## One shot over the server's WebSocket door: requests out, responses in, credit kept.

## The server is ready for frames; `ready` is the ShotReady message.
signal opened(ready: Dictionary)
## A picture came back.
signal frame_generated(frame: Dictionary)
## A tick will have no picture.
signal frame_dropped(tick: int, reason: int)
## The shot ended; `error` is empty when it ended well.
signal closed(error: String)

const BUFFER_BYTES := 64 << 20
const CONNECT_SECONDS := 5.0

## Frames that may be sent now; unlimited in a live shot.
var credit := 0
## Totals of ShotClosed.
var totals := {}
## Whether the shot has ended.
var is_over := false

var _socket := WebSocketPeer.new()
var _live := false
var _deadline := 0.0


## Connects to `url` (ws://127.0.0.1:50071/v1/shot) and opens a shot with the OpenShot message `open`.
func connect_to_server(url: String, open: Dictionary, token := "") -> Error:
	_socket.inbound_buffer_size = BUFFER_BYTES
	_socket.outbound_buffer_size = BUFFER_BYTES
	_socket.max_queued_packets = 4096
	if token != "":
		_socket.handshake_headers = PackedStringArray(["Authorization: Bearer " + token])
	_live = open.get("mode", 0) == PlayblastProtocol.ShotMode.LIVE
	var error := _socket.connect_to_url(url)
	if error != OK:
		return error
	_deadline = Time.get_ticks_msec() / 1000.0 + CONNECT_SECONDS
	while _socket.get_ready_state() == WebSocketPeer.STATE_CONNECTING and Time.get_ticks_msec() / 1000.0 < _deadline:
		_socket.poll()
		OS.delay_msec(1)
	if _socket.get_ready_state() != WebSocketPeer.STATE_OPEN:
		return ERR_CANT_CONNECT
	_socket.set_no_delay(true)
	return send({"open_shot": open})


## Sends one StreamShotRequest, given as a dictionary with one key.
func send(request: Dictionary) -> Error:
	if is_over:
		return ERR_CONNECTION_ERROR
	if request.has("engine_frame") and not _live:
		credit -= 1
	return _socket.send(PlayblastProtocol.encode_stream_shot_request(request))


## Reads what has arrived; call it every frame.
func poll() -> void:
	_socket.poll()
	while _socket.get_available_packet_count() > 0:
		_handle(PlayblastProtocol.decode_stream_shot_response(_socket.get_packet()))
	if _socket.get_ready_state() == WebSocketPeer.STATE_CLOSED and not is_over:
		_end("the connection closed (%d %s)" % [_socket.get_close_code(), _socket.get_close_reason()])


## Whether a frame may be sent now.
func may_send() -> bool:
	return _live or credit > 0


func _handle(response: Dictionary) -> void:
	if response.has("shot_ready"):
		credit = response.shot_ready.get("credit", 0)
		opened.emit(response.shot_ready)
	elif response.has("credit"):
		credit += response.credit.get("frames", 0)
	elif response.has("generated_frame"):
		frame_generated.emit(response.generated_frame)
	elif response.has("frame_dropped"):
		frame_dropped.emit(response.frame_dropped.get("tick", 0), response.frame_dropped.get("reason", 0))
	elif response.has("shot_closed"):
		totals = response.shot_closed
		_end("")
	elif response.has("shot_failed"):
		_end(response.shot_failed.get("message", "the shot failed"))


func _end(error: String) -> void:
	if is_over:
		return
	is_over = true
	_socket.close()
	_socket.poll()
	closed.emit(error)
