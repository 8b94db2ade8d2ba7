import { PlayblastClient } from "playblast/client/client";
import type { ShotMessage } from "playblast/protocol/codec";
import type { OpenShot } from "playblast/protocol/generated/playblast/v1/open_shot";
import { floorFrame, floorLook, openFloor, type Size } from "./floor-scene.js";

/** Starts an export that goes on until the function that this gives is called; that gives the frames that came. */
export async function startExport(address: string, size: Size): Promise<() => Promise<number>> {
  const client = new PlayblastClient(address);
  const { value } = openFloor("export", size) as { readonly value: OpenShot } & ShotMessage;
  const shot = await client.openShot(value);
  await shot.post(floorLook(0, size));
  let frames = 0;
  const reading = (async () => {
    for await (const answer of shot) if (answer.$case === "generatedFrame") frames++;
  })().catch(() => {});
  const sending = (async () => {
    for (let tick = 0; ; tick++) await shot.send(floorFrame(tick, size));
  })().catch(() => {});
  return async () => {
    shot.cancel();
    await Promise.all([reading, sending]);
    client.close();
    return frames;
  };
}
