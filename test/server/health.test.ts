import { EventEmitter, once } from "node:events";
import { type Client, credentials, loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { protoPath } from "grpc-health-check";
import pino from "pino";
import { expect, it } from "vitest";
import { DOOR_LIMITS } from "../../src/server/door-limits.js";
import { openGrpcDoor } from "../../src/server/grpc-door.js";
import { Metrics } from "../../src/server/metrics.js";
import { Models } from "../../src/server/models.js";
import { openWebSocketDoor } from "../../src/server/websocket-door.js";
import { Readers } from "../../src/shot/readers.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";

/** Models of which one has died. */
class AilingModels extends Models {
  readonly #changes = new EventEmitter();
  #serving = true;

  override get serving(): boolean {
    return this.#serving;
  }

  override onServingChange(listener: (serving: boolean) => void): void {
    this.#changes.on("change", listener);
  }

  become(serving: boolean): void {
    this.#serving = serving;
    this.#changes.emit("change", serving);
  }
}

it("both doors say that they do not serve while a model is dead, and that they do afterwards", async () => {
  const models = new AilingModels(async () => fakeModelHost(), "");
  const log = pino({ level: "silent" });
  const readers = new Readers();
  const context = { models, readers, log, metrics: new Metrics(), version: "0", takeFolder: undefined };
  const options = { host: "127.0.0.1", port: 0, limits: DOOR_LIMITS, shots: new Set<never>() };
  const [grpc, webSocket] = [await openGrpcDoor(context, options), await openWebSocketDoor(context, options)];
  const { grpc: services } = loadPackageDefinition(loadSync(protoPath, { enums: String })) as unknown as {
    grpc: { health: { v1: { Health: typeof Client } } };
  };
  const health = new services.health.v1.Health(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
  const { watch } = health as unknown as { watch(request: object): EventEmitter & { cancel(): void } };
  const watching = watch.call(health, { service: "playblast.v1.ShotService" }).on("error", () => {});
  const page = async () => {
    const answer = await fetch(`http://127.0.0.1:${webSocket.port}/health`);
    return `${answer.status} ${await answer.text()}`;
  };
  try {
    expect(await once(watching, "data")).toEqual([{ status: "SERVING" }]);
    expect(await page()).toBe("200 ok\n");
    models.become(false);
    expect(await once(watching, "data")).toEqual([{ status: "NOT_SERVING" }]);
    expect(await page()).toMatch(/^503 not serving: a model has stopped and is being started again/);
    models.become(true);
    expect(await once(watching, "data")).toEqual([{ status: "SERVING" }]);
    expect(await page()).toBe("200 ok\n");
  } finally {
    watching.cancel();
    health.close();
    await Promise.all([grpc.close(), webSocket.close(), readers.close()]);
  }
});
