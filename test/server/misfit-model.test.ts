import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { type RunningServer, startServer } from "playblast/server/start-server";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PlayblastClient } from "../../src/client/client.js";
import { at, playblast } from "../fixtures/command-line.js";
import { startServerProcess } from "../fixtures/server-process.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { graphValue, picking, writeTinyModel } from "../fixtures/tiny-model.js";

const FAILED_PRECONDITION = 9;
/** A network that was exported for one control less than its card names. */
const MISFIT = { input: [graphValue("x", ["n", 5, "h", "w"])], initializer: [picking([0, 1, 2], 5)] };
const SAID =
  "input 'x' is of 5 channels, expected 6 (3 of the noisy correction, 2 controls that the card names and 1 of the noise level)";

let folder: string;
let server: RunningServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-misfit-"));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

it("a shot that names a model whose graph does not fit its card hears why; the server and other shots go on", async () => {
  writeTinyModel(folder, "good");
  writeTinyModel(folder, "misfit", MISFIT);
  // The built server, whose models live in processes of their own.
  server = await startServer({
    port: 0,
    webSocketPort: 0,
    model: "good",
    modelFolder: folder,
    log: pino({ level: "silent" }),
  });
  const client = new PlayblastClient(`127.0.0.1:${server.port}`);
  try {
    const shot = await client.openShot(openShot("export"));
    await shot.post({ $case: "firstFrame", value: await firstFrame(0) });
    const error = await client.openShot(openShot("export", { model: "misfit" })).catch((e) => e);
    expect(error).toMatchObject({ code: FAILED_PRECONDITION, field: "open_shot.model" });
    expect(error.message).toContain(`is 'misfit', whose weights do not fit its card: ${SAID}`);
    expect(error.message).not.toContain(folder);
    const painted: number[] = [];
    const reading = (async () => {
      for await (const answer of shot) if (answer.$case === "generatedFrame") painted.push(answer.value.tick);
    })();
    for (let tick = 0; tick < 4; tick++) await shot.send(engineFrame(tick));
    await shot.close();
    await reading;
    expect(painted).toEqual([0, 1, 2, 3]);
    (await client.openShot(openShot("export", { model: "good" }))).cancel();
  } finally {
    client.close();
  }
});

it("a model that serve is given is loaded before the server says where it listens", async () => {
  const { port, stop } = await startServerProcess(0, "--model", writeTinyModel(folder, "good"));
  const page = await fetch(`http://127.0.0.1:${port}/v1/models`);
  const { models } = (await page.json()) as { models: unknown[] };
  await stop();
  expect(models[0]).toMatchObject({ id: "good", provider: "cpu" });
});

it("serve and render end with what does not fit, where they are given such a model", () => {
  const card = writeTinyModel(folder, "misfit", MISFIT);
  const served = playblast("serve", "--port", "0", "--ws-port", "0", "--log-level", "error", "--model", card);
  expect(served.stderr).toContain(
    `model 'misfit' cannot be loaded, its weights misfit.onnx do not fit its card: ${SAID}`,
  );
  expect(served.stdout).toBe("");
  const out = join(folder, "out");
  const rendered = playblast("render", at("examples/courtyard.take.mcap"), "--model", card, "--out", `${out}/`);
  expect(rendered.stderr).toContain(`do not fit its card: ${SAID}`);
  for (const { status } of [served, rendered]) expect(status).toBe(1);
});
