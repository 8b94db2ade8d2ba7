import { afterAll, describe, expect, it } from "vitest";
import type { FloodOutcome } from "./attacks/floods.js";
import { Ground } from "./ground.js";

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
/** What an unusable model says. */
const NO_SUCH_MODEL = [INVALID_ARGUMENT, NOT_FOUND];
/** What a message that is too much says. */
const TOO_MUCH = [INVALID_ARGUMENT, RESOURCE_EXHAUSTED];
/** What a live shot gets beside a large export, of what it gets alone. */
const LEAST_BESIDE_EXPORT = 0.5;

const ground = new Ground();
afterAll(() => ground.close());

/** Refused for what it is, by the field or the message that was too much. */
function expectRefused({ ending }: FloodOutcome): void {
  expect(TOO_MUCH).toContain(ending.code);
  expect(ending.message).not.toBe("");
}

describe("a message that is small on the wire and large in memory is refused", () => {
  it("31 million empty planes in 60 kB of gzip", async () => {
    expectRefused(await ground.attack("emptyPlanesGzip"));
  });

  it("31 million empty planes on the other door", async () => {
    expectRefused(await ground.attack("emptyPlanesWebSocket"));
  });

  it("half a million poses", async () => {
    expectRefused(await ground.attack("poseFlood"));
  });
});

describe("much that is allowed costs others nothing", () => {
  it("frames of 1x1 planes in a shot of 1920x1088", async () => {
    const { ending } = await ground.attack("tinyPlanes");
    // Read as they are, or refused; a tick that was taken has its answer.
    expect([0, ...TOO_MUCH]).toContain(ending.code);
    if (ending.code === 0) expect(ending.generated + ending.dropped).toBe(60);
  });

  it.each(["flushFlood", "flushFloodBehindFrames", "cutFlood", "promptFlood"] as const)("%s", async (name) => {
    const { ending } = await ground.attack(name);
    expect([0, RESOURCE_EXHAUSTED]).toContain(ending.code);
  });

  it("first frames of 64 megapixels behind a busy chunk", async () => {
    await ground.attack("lookQueueBomb");
    // A decoded one is 192 MB; a queue of them would be 6 GB.
    expect(ground.megabytes.peak - ground.megabytes.before).toBeLessThan(2000);
  });

  it("pictures whose decoding costs far more than their sending", async () => {
    const { answers } = await ground.attack("pictureBombs");
    for (const { name, ending } of answers) {
      expect({ name, code: ending.code }).toEqual({ name, code: expect.toBeOneOf([0, ...TOO_MUCH]) });
    }
    expect(answers.at(-1)?.ending).toMatchObject({ code: INVALID_ARGUMENT, field: "first_frame.encoded" });
  });
});

describe("a model's name is no path", () => {
  it("says the same of files that are there and files that are not", async () => {
    const { answers } = await ground.attack("modelPaths");
    const said = new Set<string>();
    for (const { model, ending } of answers) {
      expect({ model, code: ending.code }).toEqual({ model, code: expect.toBeOneOf(NO_SUCH_MODEL) });
      said.add(ending.message.replaceAll(model, "MODEL"));
    }
    expect([...said]).toHaveLength(1);
  });

  it("starts no worker for a model that is nowhere", async () => {
    const { endings, threads } = await ground.attack("unknownModels");
    for (const { code } of endings) expect(code).toBe(NOT_FOUND);
    expect(threads.most).toBeLessThan(threads.before + 10);
  });
});

describe("web pages of strangers stay out", () => {
  it("on every page and door", async () => {
    const heard = await ground.attack("foreignPages");
    expect({ own: heard.own, ownModels: heard.ownModels, ownGrpc: heard.ownGrpc }).toEqual({
      own: 101,
      ownModels: 200,
      ownGrpc: 0,
    });
    const refused = expect.toSatisfy((status: number) => status >= 400 && status < 500);
    expect(heard).toMatchObject({
      nullOrigin: refused,
      foreignOrigin: refused,
      rebound: refused,
      reboundWithoutOrigin: refused,
      metrics: refused,
      models: refused,
      grpc: expect.toSatisfy((code: number) => code > 0),
    });
  });
});

describe("one shot does not block others", () => {
  it("a 1280x720 export beside", async () => {
    await ground.attack("exportBeside");
    const { alone, during, slowdown } = ground.fps;
    expect(during).toBeGreaterThan((LEAST_BESIDE_EXPORT * alone) / slowdown);
  });

  it("a client that leaves in the middle of a chunk", async () => {
    const { ending, milliseconds } = await ground.attack("clientLeaves");
    expect(ending).toMatchObject({ code: 0, generated: 4 });
    // A chunk of 1280x720 takes far longer than this: it was abandoned.
    expect(milliseconds).toBeLessThan(6000);
  });
});

describe("sockets", () => {
  it("malformed HTTP/2 leaves no descriptor open", async () => {
    const { refused, descriptors } = await ground.attack("malformedHttp2");
    expect(refused).toBe(0);
    expect(descriptors.after).toBeLessThan(descriptors.before + 10);
  });

  it("slow clients", async () => {
    const { descriptors } = await ground.attack("slowLoris");
    // It takes fewer connections from one address than the 200 that were asked for.
    expect(descriptors.during).toBeLessThan(descriptors.before + 150);
    expect(descriptors.after).toBeLessThan(descriptors.before + 10);
  });

  it("clients that read nothing", async () => {
    await ground.attack("frozenBeside");
  });
});
