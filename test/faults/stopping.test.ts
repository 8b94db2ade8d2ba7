import { afterEach, describe, expect, it } from "vitest";
import { MachineWatch } from "../../bench/load/machine-watch.js";
import { ServerProcess } from "../../bench/load/server-process.js";
import { startAttack } from "./attacker.js";
import { say } from "./ground.js";

const UNAVAILABLE = 14;
const MOST_MS = 3000;
/** For a last answer on its way and the end of the process itself. */
const SLACK_MS = 2000;

let server: ServerProcess;
let kill = () => {};
afterEach(async () => {
  kill();
  await server.kill();
});

/** Ends the server; how long it took and how long it may have taken beside what others do to this machine. */
async function terminated() {
  const machine = new MachineWatch([server.pid]);
  const from = performance.now();
  const { milliseconds, end } = await server.terminate();
  machine.stop();
  return { milliseconds, end, most: MOST_MS * machine.slowdown(from) + SLACK_MS };
}

/** Starts a server and an attack on it that runs on; resolves when it is under way. */
async function underWay<Name extends "exportsUntilTheEnd" | "frozenClients">(name: Name) {
  server = await ServerProcess.start();
  const { address, webSocketPort, pid } = server;
  const attack = startAttack(name, { address, webSocketPort, pid, takes: "" });
  kill = attack.kill;
  await attack.started;
  return attack;
}

describe("SIGTERM", () => {
  it("ends large exports on both doors at once, and says why", async () => {
    const attack = await underWay("exportsUntilTheEnd");
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { milliseconds, end, most } = await terminated();
    const { grpc, webSocket, sent } = await attack.outcome;
    say("SIGTERM", "during exports at 1280x720 on both doors", [
      `${milliseconds.toFixed(0)} ms`,
      `gRPC ${grpc.code} ${grpc.message}`,
      `WebSocket ${webSocket.code} ${webSocket.message}`,
    ]);
    for (const ending of [grpc, webSocket]) {
      expect(ending.code).toBe(UNAVAILABLE);
      expect(ending.message).toMatch(/the server is shutting down/);
      // Each tick in flight is answered, or the shot's error says why not.
      expect(ending.generated + ending.dropped).toBeLessThanOrEqual(sent);
    }
    expect(end).toMatchObject({ code: 0, tooMuchMemory: false });
    expect(milliseconds).toBeLessThan(most);
  });

  it("is not held up by clients that read nothing", async () => {
    await underWay("frozenClients");
    const { milliseconds, end, most } = await terminated();
    say("SIGTERM", "while clients on both doors read nothing", [`${milliseconds.toFixed(0)} ms`]);
    expect(end).toMatchObject({ code: 0, tooMuchMemory: false });
    expect(milliseconds).toBeLessThan(most);
  });
});
