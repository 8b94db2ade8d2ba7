import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlaneFormat, PlaneKind } from "playblast/protocol/generated/playblast/v1/plane";
import { FRAME_RATE, floorFrame, floorLook, openFloor, planeOf } from "../../../bench/load/floor-scene.js";
import { type Ending, RawStream } from "./raw-stream.js";
import { pause, type Target } from "./target.js";

const SIZE = { width: 64, height: 36 };
/** Ticks before and after what happens in the middle of a recording. */
const HALF = 12;

/** How a recorded shot ended after something happened to its take. */
export interface RecordingOutcome {
  readonly did: string;
  readonly sent: number;
  readonly ending: Ending;
}

/** Records ticks; does something in the middle; records as many more and closes. */
async function recording(target: Target, name: string, did: string, event: () => void): Promise<RecordingOutcome> {
  const stream = new RawStream(target, "grpc");
  stream.send(openFloor("live", SIZE, { recordAs: name }));
  stream.send(floorLook(0, SIZE));
  await ticks(stream, 0, HALF);
  event();
  await ticks(stream, HALF, 2 * HALF);
  stream.send({ $case: "close", value: {} });
  return { did, sent: 2 * HALF, ending: await stream.ending() };
}

/** Ticks in time, each with a plane of noise, which no compression makes small. */
async function ticks(stream: RawStream, from: number, to: number): Promise<void> {
  for (let tick = from; tick < to; tick++) {
    const frame = floorFrame(tick, SIZE);
    const noise = randomBytes(SIZE.width * SIZE.height * 3);
    const truth = planeOf(PlaneKind.PLANE_KIND_TRUTH, PlaneFormat.PLANE_FORMAT_U8, SIZE, noise);
    stream.send({ $case: "engineFrame", value: { ...frame, planes: [...frame.planes, truth] } });
    await pause(1000 / FRAME_RATE);
  }
}

/** The take folder goes away while a take is recorded into it. */
export async function takeFolderRemoved(target: Target): Promise<RecordingOutcome> {
  const did = "removed the take folder in the middle of a recording";
  const outcome = await recording(target, "folder-removed", did, () => rmSync(target.takes, { recursive: true }));
  mkdirSync(target.takes, { recursive: true });
  return outcome;
}

/** The file that a take is recorded into goes away. */
export function partialRemoved(target: Target): Promise<RecordingOutcome> {
  return recording(target, "partial-removed", "removed the take's file in the middle of its recording", () => {
    for (const file of readdirSync(target.takes).filter((name) => name.startsWith("partial-removed")))
      rmSync(join(target.takes, file));
  });
}

/** The disk is full: the server that this is made on can write small files only. */
export function fullDisk(target: Target): Promise<RecordingOutcome> {
  return recording(target, "full-disk", "recorded more than the disk takes", () => {});
}

/** Two shots record under one name at the same time. */
export async function sameName(target: Target) {
  const first = new RawStream(target, "grpc");
  first.send(openFloor("live", SIZE, { recordAs: "same-name" }));
  first.send(floorLook(0, SIZE));
  await first.opened();
  const second = new RawStream(target, "websocket");
  second.send(openFloor("live", SIZE, { recordAs: "same-name" }));
  second.send(floorLook(0, SIZE));
  await Promise.all([ticks(first, 0, HALF), ticks(second, 0, HALF)]);
  for (const stream of [first, second]) stream.send({ $case: "close", value: {} });
  const [one, two] = await Promise.all([first.ending(), second.ending()]);
  return { did: "recorded two shots under one name", sent: HALF, first: one, second: two };
}

/** Links lie where a take's files would be made. */
export async function symlinkedTake(target: Target) {
  const victims = join(tmpdir(), `playblast-victim-${process.pid}`);
  mkdirSync(victims);
  const outcomes: { readonly link: string; readonly unharmed: boolean; readonly ending: Ending }[] = [];
  try {
    for (const ending of [".mcap.partial", ".mcap"]) {
      const name = `linked${ending.replaceAll(".", "-")}`;
      const victim = join(victims, name);
      writeFileSync(victim, "precious");
      const link = join(target.takes, `${name}${ending}`);
      symlinkSync(victim, link);
      const stream = new RawStream(target, "grpc");
      stream.send(openFloor("live", SIZE, { recordAs: name }));
      stream.send(floorLook(0, SIZE));
      await ticks(stream, 0, 4);
      stream.send({ $case: "close", value: {} });
      const ended = await stream.ending();
      const linked = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
      outcomes.push({ link: ending, unharmed: linked && readFileSync(victim, "utf8") === "precious", ending: ended });
    }
  } finally {
    rmSync(victims, { recursive: true });
  }
  return { did: "put links to another file where a take's files are made", outcomes };
}

/** A frame that the server refuses comes while a take is recorded. */
export async function refusedFrame(target: Target) {
  const stream = new RawStream(target, "grpc");
  stream.send(openFloor("live", SIZE, { recordAs: "refused-frame" }));
  stream.send(floorLook(0, SIZE));
  const good = 8;
  await ticks(stream, 0, good);
  const bad = floorFrame(good, SIZE);
  bad.characters[0].positions[4] = Number.NaN;
  stream.send({ $case: "engineFrame", value: bad });
  return { did: "sent a NaN joint into a recorded shot", good, ending: await stream.endingUnasked() };
}
