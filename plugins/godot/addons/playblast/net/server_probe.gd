@tool
class_name PlayblastServerProbe
extends Node
## Asks a server what it is and has, before a shot is opened: whether it answers, takes the token, and which models it offers.

## A server that does not answer in this time is taken for none.
const TIMEOUT_SECONDS := 4.0
## Whoever asks again waits so long at first, and twice as long each time.
const FIRST_WAIT_SECONDS := 0.5
const LONGEST_WAIT_SECONDS := 5.0

const NO_ANSWER := [HTTPRequest.RESULT_CANT_CONNECT, 0, [], []]

## What came of a question.
enum Result {
	## The server answered; `models` is filled.
	ANSWERED,
	## Nothing answers at the address.
	MISSING,
	## The server wants another token.
	TOKEN_REFUSED,
	## Something answers, but it is no Playblast server, or an older one.
	NOT_PLAYBLAST,
}

signal _answered(result: int, status: int, headers: PackedStringArray, body: PackedByteArray)

## The server's answer to /v1/models: "server_version", "default", "models", "records_takes".
var about := {}
## What to tell the user; "" when the server answered.
var message := ""


func _init() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)


## Asks the server at `address`. Add the probe to the tree first.
func ask(address: PlayblastServerAddress, token: String) -> Result:
	about = {}
	message = address.problem()
	if message != "":
		return Result.MISSING
	var request := HTTPRequest.new()
	request.timeout = TIMEOUT_SECONDS
	request.request_completed.connect(_answered.emit)
	add_child(request)
	var headers := PackedStringArray(["Authorization: Bearer " + token] if token != "" else [])
	var error := request.request(address.http_url("/v1/models"), headers)
	var answer: Array = await _answered if error == OK else NO_ANSWER
	request.queue_free()
	return _judge(address, token, answer[0], answer[1], answer[3])


## How long to wait before asking again, after having waited so long.
static func longer_wait(seconds: float) -> float:
	return minf(seconds * 2.0, LONGEST_WAIT_SECONDS)


## Asks no more: whoever waits for an answer gets Result.MISSING now.
func cancel() -> void:
	_answered.emit.callv(NO_ANSWER)


func _judge(address: PlayblastServerAddress, token: String, result: int, status: int, body: PackedByteArray) -> Result:
	if result == HTTPRequest.RESULT_TLS_HANDSHAKE_ERROR:
		message = tr("The server at %s and this editor do not agree on TLS. With a certificate of your own, add it under Project Settings > Network > TLS.") % address
		return Result.MISSING
	if result != HTTPRequest.RESULT_SUCCESS:
		message = tr("No server answers at %s. Press Start Server, or run: playblast serve") % address
		return Result.MISSING
	if status == 401:
		message = (tr("The server at %s wants another token. Enter the one it was started with.") if token != "" else
			tr("The server at %s wants a token. Enter the one it was started with.")) % address
		return Result.TOKEN_REFUSED
	var told: Variant = JSON.parse_string(body.get_string_from_utf8()) if status == 200 else null
	if not told is Dictionary or not told.has("models"):
		message = tr("What answers at %s is no Playblast server, or an older one (HTTP %d). Check the address, or update the server.") % [address, status]
		return Result.NOT_PLAYBLAST
	about = told
	return Result.ANSWERED
