import sharp from "sharp";
import { floorFrame, floorLook, openFloor } from "../../../bench/load/floor-scene.js";
import { type Ending, RawStream } from "./raw-stream.js";
import type { Target } from "./target.js";

/** 64 megapixels: the largest first frame that there may be. */
const SIDE = 8000;
const LOOKS = 32;
const BUSY = { width: 1280, height: 720 };
const SMALL = { width: 64, height: 36 };

function flat(channels: 3 | 4, alpha = 1) {
  const background = channels === 4 ? { r: 90, g: 120, b: 60, alpha } : { r: 90, g: 120, b: 60 };
  return sharp({ create: { width: SIDE, height: SIDE, channels, background }, limitInputPixels: false });
}

/** First frames of 64 megapixels, small as files, while the shot is busy with a large chunk. */
export async function lookQueueBomb(target: Target) {
  const picture = await flat(3).png({ compressionLevel: 9 }).toBuffer();
  const stream = new RawStream(target, "grpc");
  stream.send(openFloor("export", BUSY));
  stream.send(floorLook(0, BUSY));
  for (let tick = 0; tick < 8; tick++) stream.send({ $case: "engineFrame", value: floorFrame(tick, BUSY) });
  for (let i = 0; i < LOOKS; i++)
    stream.send({
      $case: "firstFrame",
      value: { tick: 7, image: { $case: "encoded", value: picture }, newLook: false },
    });
  const ending = await stream.endingUnasked(15_000);
  const kilobytes = (LOOKS * picture.length) / 1000;
  return {
    did: `queued ${LOOKS} first frames of ${SIDE}x${SIDE} in ${kilobytes.toFixed(0)} kB`,
    ending,
  };
}

/** Pictures whose decoding costs far more than their sending. */
export async function pictureBombs(target: Target) {
  const pictures = [
    { name: "PNG with alpha", file: await flat(4, 0.5).png({ compressionLevel: 9 }).toBuffer() },
    { name: "grey PNG", file: await flat(3).toColourspace("b-w").png({ compressionLevel: 9 }).toBuffer() },
    { name: "progressive JPEG", file: await flat(3).jpeg({ progressive: true, quality: 1 }).toBuffer() },
    { name: "JPEG that says 60000x60000", file: await lyingJpeg(60_000, 60_000) },
  ];
  const answers: { readonly name: string; readonly bytes: number; readonly ending: Ending }[] = [];
  for (const { name, file } of pictures) {
    const stream = new RawStream(target, "websocket");
    stream.send(openFloor("export", SMALL));
    for (let tick = 0; tick < 4; tick++) stream.send({ $case: "engineFrame", value: floorFrame(tick, SMALL) });
    stream.send({ $case: "firstFrame", value: { tick: 0, image: { $case: "encoded", value: file }, newLook: false } });
    answers.push({ name, bytes: file.length, ending: await stream.ending() });
  }
  return { did: `sent ${pictures.length} pictures that are larger than they look`, answers };
}

/** A small JPEG whose start of frame (ITU-T T.81, B.2.2) says another size than its data has. */
async function lyingJpeg(width: number, height: number): Promise<Buffer> {
  const file = await sharp({ create: { width: 16, height: 16, channels: 3, background: "grey" } })
    .jpeg()
    .toBuffer();
  const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
  file.writeUInt16BE(height, frame + 5);
  file.writeUInt16BE(width, frame + 7);
  return file;
}
