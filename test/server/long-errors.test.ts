import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Client, credentials, loadPackageDefinition, type ServiceError, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { protoPath } from "grpc-health-check";
import { afterEach, describe, expect, it } from "vitest";
import type { ShotError } from "../../src/client/client.js";
import { BadRequestError } from "../../src/protocol/errors.js";
import { statusMessage, statusOf } from "../../src/server/grpc-status.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

let running: Awaited<ReturnType<typeof testServer>> | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** What gRPC clients take of trailers by default. */
const MOST_TRAILER_BYTES = 8 * 1024;
const LONG = {
  "of ASCII": "n".repeat(20_000),
  "of characters of three bytes": "日".repeat(20_000),
  "of characters of four bytes": "🕺".repeat(10_000),
  "of blanks and percent signs": "% ".repeat(10_000),
  "with half a surrogate pair": `${"n".repeat(2_000)}\ud83d${"日".repeat(18_000)}`,
};

describe("an error of 20,000 characters reaches a gRPC client", () => {
  it.each(Object.entries(LONG))("%s", async (_, text) => {
    running = await testServer({
      openModel: async () => ({
        ...fakeModelHost(),
        openShot: async () => {
          throw new Error(text);
        },
      }),
    });
    const error = await running.client.openShot(openShot()).catch((refusal: ShotError) => refusal);
    expect(error).toMatchObject({ code: status.INTERNAL, field: "shot" });
    expect((error as ShotError).message).toMatch(/^shot: failed inside the server \(/);
  });

  it("of the health service, about a name that it does not know", async () => {
    running = await testServer();
    const { grpc } = loadPackageDefinition(loadSync(protoPath)) as unknown as {
      grpc: { health: { v1: { Health: typeof Client } } };
    };
    const health = new grpc.health.v1.Health(`127.0.0.1:${running.server.port}`, credentials.createInsecure());
    const check = (health as unknown as Record<string, (request: object, done: (error: ServiceError) => void) => void>)
      .check;
    const error = await new Promise<ServiceError>((resolve) =>
      check.call(health, { service: LONG["of ASCII"] }, resolve),
    );
    expect(error.code).toBe(status.NOT_FOUND);
    expect(error.details).toMatch(/^Health status unknown for service nnn/);
    health.close();
  });
});

describe("a status", () => {
  it.each(Object.entries(LONG))("fits the trailers of every client: %s", (_, text) => {
    for (const error of [
      new BadRequestError("shot", text),
      new BadRequestError(text, "is odd"),
      new BadRequestError(text, text),
    ]) {
      const { code, details = "", metadata } = statusOf(error);
      expect(code).toBe(status.INVALID_ARGUMENT);
      const [bytes] = metadata!.get("grpc-status-details-bin") as [Buffer];
      expect(encodeURI(details).length + bytes.toString("base64").length + 200).toBeLessThan(MOST_TRAILER_BYTES);
    }
  });

  it("that fits is left as it is", () => {
    const text = readFileSync(fileURLToPath(import.meta.url), "utf8").slice(0, 1_000);
    expect(statusMessage(text)).toBe(text);
    expect(statusMessage("")).toBe("");
    expect(statusMessage("n".repeat(3_700))).toHaveLength(3_700);
    expect(statusMessage("n".repeat(3_701))).toMatch(/^n+ \[\.\.\. 3701 characters, shortened\]$/);
  });
});
