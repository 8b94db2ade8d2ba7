@tool
class_name PlayblastShotSocket
extends RefCounted
## The line to a server, worked by a thread of its own: packing, masking and unpacking pictures would cost the engine's main thread
## milliseconds a tick.
##
## What is given to `send` leaves in that order; what arrives waits for `take`. It must be ended with `close`.

const BUFFER_BYTES := 64 << 20
const MOST_PACKETS := 4096
const CONNECT_MSEC := 5000
## The thread looks so often whether there is something to do.
const REST_MSEC := 1
## For the last messages and the goodbye to leave.
const GOODBYE_MSEC := 50

## How the line ended.
enum End {
	## It has not.
	NONE,
	## Nobody answered.
	UNREACHABLE,
	## Somebody did, but said nothing for CONNECT_MSEC.
	SILENT,
	## It was there, and is gone.
	LOST,
}

var _thread := Thread.new()
## Guards all below, which both threads use.
var _guard := Mutex.new()
var _requests: Array = []
var _responses: Array[Dictionary] = []
var _end := End.NONE
var _is_closing := false


## Begins to connect to `url`; the StreamShotRequest `first` is the first that is sent.
func open(url: String, token: String, first: Dictionary) -> void:
	_requests = [first]
	_thread.start(_work.bind(url, token))


## Sends one StreamShotRequest, as a dictionary with one key or as bytes, when its turn comes.
func send(request: Variant) -> void:
	_guard.lock()
	_requests.append(request)
	_guard.unlock()


## The StreamShotResponse messages that arrived since the last call.
func take() -> Array[Dictionary]:
	_guard.lock()
	var arrived := _responses
	_responses = []
	_guard.unlock()
	return arrived


## How the line ended, once all that arrived before has been taken.
func ended() -> End:
	_guard.lock()
	var how := _end if _responses.is_empty() else End.NONE
	_guard.unlock()
	return how


## Sends what waits, says goodbye, and waits until the thread is done: some milliseconds. Safe to call twice.
func close() -> void:
	if not _thread.is_started():
		return
	_guard.lock()
	_is_closing = true
	_guard.unlock()
	_thread.wait_to_finish()


## The thread: all of the socket's life.
func _work(url: String, token: String) -> void:
	var socket := WebSocketPeer.new()
	socket.inbound_buffer_size = BUFFER_BYTES
	socket.outbound_buffer_size = BUFFER_BYTES
	socket.max_queued_packets = MOST_PACKETS
	if token != "":
		socket.handshake_headers = PackedStringArray(["Authorization: Bearer " + token])
	if socket.connect_to_url(url) != OK:
		_finish(End.UNREACHABLE)
		return
	var how := _connect(socket)
	if how != End.NONE:
		_finish(how)
		return
	socket.set_no_delay(true)
	while socket.get_ready_state() == WebSocketPeer.STATE_OPEN and not _is_to_close():
		if not _exchange(socket):
			OS.delay_msec(REST_MSEC)
	if socket.get_ready_state() == WebSocketPeer.STATE_OPEN:
		_exchange(socket)
		socket.close()
		var deadline := Time.get_ticks_msec() + GOODBYE_MSEC
		while socket.get_ready_state() != WebSocketPeer.STATE_CLOSED and Time.get_ticks_msec() < deadline:
			socket.poll()
			OS.delay_msec(REST_MSEC)
	_finish(End.LOST)


func _connect(socket: WebSocketPeer) -> End:
	var deadline := Time.get_ticks_msec() + CONNECT_MSEC
	while not _is_to_close():
		socket.poll()
		if socket.get_ready_state() == WebSocketPeer.STATE_OPEN:
			return End.NONE
		if socket.get_ready_state() == WebSocketPeer.STATE_CLOSED:
			return End.UNREACHABLE
		if Time.get_ticks_msec() > deadline:
			return End.SILENT
		OS.delay_msec(REST_MSEC)
	return End.UNREACHABLE


## Sends and reads what there is. Returns whether there was anything.
func _exchange(socket: WebSocketPeer) -> bool:
	_guard.lock()
	var requests := _requests
	_requests = []
	_guard.unlock()
	var sent := 0
	for request: Variant in requests:
		var bytes: PackedByteArray = request if request is PackedByteArray else PlayblastProtocol.encode_stream_shot_request(request)
		if socket.send(bytes) != OK:
			break
		sent += 1
	if sent < requests.size():
		# The buffer is full: the rest has its turn before what came since.
		_guard.lock()
		_requests = requests.slice(sent) + _requests
		_guard.unlock()
	socket.poll()
	var arrived: Array[Dictionary] = []
	while socket.get_available_packet_count() > 0:
		arrived.append(PlayblastProtocol.decode_stream_shot_response(socket.get_packet()))
	if not arrived.is_empty():
		_guard.lock()
		_responses.append_array(arrived)
		_guard.unlock()
	return sent > 0 or not arrived.is_empty()


func _is_to_close() -> bool:
	_guard.lock()
	var is_to := _is_closing
	_guard.unlock()
	return is_to


func _finish(how: End) -> void:
	_guard.lock()
	_end = how
	_guard.unlock()
