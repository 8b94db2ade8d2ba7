"""A client that shares no code with Playblast: grpcio and the .proto files, nothing else.

    python3 foreign_client.py HOST:PORT PROTO_FOLDER

Asks the server for its health and its services, opens an export shot, sends a first frame and ticks with a depth plane, checks
what comes back, and then what a bad frame is answered with. Prints what it saw as one line of JSON; exit code 1 and the reason when
something is wrong.
"""

import json
import pathlib
import queue
import struct
import sys
import tempfile

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

SERVICE = "playblast.v1.ShotService"
TICKS = range(100, 106)
WIDTH, HEIGHT = 8, 4
SEED = 2**53 - 1
PROMPT = "Größe · 歩行者"
SECONDS = 20
ANY = 'syntax = "proto3"; package google.protobuf; message Any { string type_url = 1; bytes value = 2; }'


def messages_of(proto_folder):
    """Message classes by full name. From descriptors, because generated modules must be as old as the protobuf runtime is."""
    with tempfile.TemporaryDirectory() as folder:
        found = pathlib.Path(folder, "descriptors")
        files = [str(path.relative_to(proto_folder)) for path in pathlib.Path(proto_folder).rglob("*.proto")]
        # Debian's grpc_tools come without the well-known types.
        known = pathlib.Path(folder, "google/protobuf/any.proto")
        known.parent.mkdir(parents=True)
        known.write_text(ANY)
        arguments = ["protoc", f"-I{proto_folder}", f"-I{folder}", f"--descriptor_set_out={found}", "--include_imports", *files]
        if protoc.main(arguments) != 0:
            sys.exit("protoc does not read the .proto files")
        described = descriptor_pb2.FileDescriptorSet.FromString(found.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in described.file:
        pool.Add(file)
    names = [f"{file.package}.{message.name}" for file in described.file for message in file.message_type]
    # The function is new in protobuf 4.22, which deprecates the method.
    get = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
    return {name: get(pool.FindMessageTypeByName(name)) for name in names}


def check_standard_services(channel):
    """Health answers SERVING (1), and reflection lists our service: messages of one field, written by hand."""
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    health = check(bytes([0x0A, len(SERVICE)]) + SERVICE.encode(), timeout=SECONDS)
    if health != b"\x08\x01":
        sys.exit(f"the server's health is {health.hex()}, expected 0801 (SERVING)")
    reflect = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    services = next(reflect(iter([b"\x3a\x01*"]), timeout=SECONDS))
    if SERVICE.encode() not in services:
        sys.exit(f"reflection does not list {SERVICE}: {services}")


def open_shot():
    """As a Unity-like engine would speak: left-handed, camera looking along +Z."""
    return {
        "protocol_version": {"major": 1},
        "client_name": "foreign",
        "client_version": grpc.__version__,
        "convention": {"handedness": 2, "up": 3, "camera_forward": 5, "metres_per_unit": 1.0},
        "frame_size": {"width": WIDTH, "height": HEIGHT},
        "frame_rate": 24.0,
        "mode": 2,
        "seed": SEED,
        "prompt": PROMPT,
        "scene": {
            "near": 0.5,
            "far": 50.0,
            "characters": [{"id": "figure", "owner_id": 3, "bones": [{"name": "Hips", "parent": -1, "humanoid": "Hips"}]}],
        },
    }


def plane(kind, plane_format, data, **more):
    return {"kind": kind, "format": plane_format, "size": {"width": WIDTH, "height": HEIGHT}, "row_order": 1, "data": data, **more}


def first_frame():
    return {"plane": plane(6, 4, bytes(range(WIDTH * HEIGHT * 3))), "tick": TICKS[0]}


def engine_frame(tick):
    depth = struct.pack(f"<{WIDTH * HEIGHT}f", *[2.0 + 0.01 * (tick + pixel) for pixel in range(WIDTH * HEIGHT)])
    return {
        "tick": tick,
        "time": tick / 24,
        "camera": {
            "transform": {"position": {"y": 1.5, "z": -4.0}, "rotation": {"w": 1.0}},
            "projection": [1.2, 0, 0, 0, 0, 2.4, 0, 0, 0, 0, -1.02, -1, 0, 0, -1.01, 0],
        },
        "characters": [{"id": "figure", "positions": [0.0, 1.0, 0.0], "rotations": [0.0, 0.0, 0.0, 1.0]}],
        "planes": [plane(1, 1, depth, depth={"linear": {}})],
    }


class Shot:
    """One stream: requests go out while answers come in."""

    def __init__(self, channel, messages):
        self.request_type = messages["playblast.v1.StreamShotRequest"]
        self.outgoing = queue.SimpleQueue()
        stream_shot = channel.stream_stream(
            f"/{SERVICE}/StreamShot",
            request_serializer=self.request_type.SerializeToString,
            response_deserializer=messages["playblast.v1.StreamShotResponse"].FromString,
        )
        self.answers = stream_shot(iter(self.outgoing.get, None), timeout=SECONDS)
        self.send(open_shot=open_shot())
        self.ready = next(self.answers).shot_ready
        if self.ready.chunk_length == 0 or self.ready.credit < len(TICKS):
            sys.exit(f"the shot is not ready for {len(TICKS)} ticks: {self.ready}")
        self.send(first_frame=first_frame())

    def send(self, **message):
        self.outgoing.put(self.request_type(**message))

    def finish(self):
        self.outgoing.put(None)


def good_shot(channel, messages):
    """What a shot gives: a picture a tick, then its end."""
    shot = Shot(channel, messages)
    for tick in TICKS:
        shot.send(engine_frame=engine_frame(tick))
    shot.send(close={})
    shot.finish()
    answers = list(shot.answers)
    generated = [answer.generated_frame for answer in answers if answer.WhichOneof("message") == "generated_frame"]
    for frame in generated:
        expected = frame.size.width * frame.size.height * 3
        if frame.format != 1 or len(frame.image) != expected:
            sys.exit(f"tick {frame.tick} has {len(frame.image)} bytes of format {frame.format}, expected {expected} of RGB8")
    return {
        "ticks": [frame.tick for frame in generated],
        "size": [shot.ready.frame_size.width, shot.ready.frame_size.height],
        "seeds": sorted({frame.seed for frame in generated}),
        "model": shot.ready.model,
        "last": answers[-1].WhichOneof("message"),
    }


def refused_shot(channel, messages):
    """Code and fields that a frame is refused with whose depth plane lacks a byte."""
    shot = Shot(channel, messages)
    bad = engine_frame(TICKS[0])
    bad["planes"][0]["data"] = bad["planes"][0]["data"][:-1]
    shot.send(engine_frame=bad)
    try:
        for _ in shot.answers:
            pass
    except grpc.RpcError as error:
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        status = messages["google.rpc.Status"].FromString(details)
        refusal = messages["google.rpc.BadRequest"].FromString(status.details[0].value)
        return {"code": error.code().name, "fields": [violation.field for violation in refusal.field_violations]}
    finally:
        shot.finish()
    sys.exit("a plane that is too short was not refused")


def main(address, proto_folder):
    messages = messages_of(proto_folder)
    with grpc.insecure_channel(address) as channel:
        check_standard_services(channel)
        print(json.dumps({"shot": good_shot(channel, messages), "refusal": refused_shot(channel, messages)}))


main(*sys.argv[1:])
