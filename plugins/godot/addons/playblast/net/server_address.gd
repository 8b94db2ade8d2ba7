@tool
class_name PlayblastServerAddress
extends RefCounted
## Where a server is: "127.0.0.1:50071", "localhost", "ws://..." or, with TLS, "wss://...".

const DEFAULT_PORT := 50071
const SHOT_PATH := "/v1/shot"

var host := ""
var port := DEFAULT_PORT
var is_secure := false


func _init() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)


## Reads an address. `problem` says what is wrong with it, if anything is.
static func parse(text: String) -> PlayblastServerAddress:
	var address := PlayblastServerAddress.new()
	var rest := text.strip_edges()
	for scheme: String in ["wss://", "https://", "ws://", "http://"]:
		if rest.begins_with(scheme):
			address.is_secure = scheme in ["wss://", "https://"]
			rest = rest.trim_prefix(scheme)
	rest = rest.get_slice("/", 0)
	var colon := rest.rfind(":")
	if colon >= 0 and not rest.ends_with("]"):
		var digits := rest.substr(colon + 1)
		address.port = int(digits) if digits.is_valid_int() else 0
		rest = rest.substr(0, colon)
	address.host = rest
	return address


## What is wrong with the address and what it should be; "" where nothing is.
func problem() -> String:
	if host == "":
		return tr("The server's address has no host. Write host:port, such as 127.0.0.1:%d.") % DEFAULT_PORT
	if port < 1 or port > 65535:
		return tr("The server's port is no number from 1 to 65535. Write host:port, such as 127.0.0.1:%d.") % DEFAULT_PORT
	return ""


## Where shots are streamed to.
func shot_url() -> String:
	return "%s://%s:%d%s" % ["wss" if is_secure else "ws", host, port, SHOT_PATH]


## Where the server answers a question over HTTP.
func http_url(path: String) -> String:
	return "%s://%s:%d%s" % ["https" if is_secure else "http", host, port, path]


func _to_string() -> String:
	return "%s:%d" % [host, port]
