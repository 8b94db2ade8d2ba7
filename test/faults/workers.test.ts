import { afterEach, expect, it } from "vitest";
import { ServerProcess } from "../../bench/load/server-process.js";
import { startAttack } from "./attacker.js";
import { expectHealthy, say } from "./ground.js";

const UNAVAILABLE = 14;

let server: ServerProcess;
afterEach(() => server.kill());

it("a killed render worker ends the shots that it painted, and is replaced", async () => {
  server = await ServerProcess.start();
  const { address, webSocketPort, pid } = server;
  const { outcome } = startAttack("workerKilled", { address, webSocketPort, pid, takes: "" });
  const { did, workers, ending, later, milliseconds } = await outcome;
  say("workerKilled", did, [
    `its shot ended with ${ending.code} ${ending.message}`,
    `a new shot worked ${milliseconds.toFixed(0)} ms later, after ${later.length - 1} that did not`,
  ]);
  expect(workers).toBeGreaterThan(0);
  expect(ending.code).toBe(UNAVAILABLE);
  expect(later.at(-1)).toMatchObject({ code: 0, generated: 8 });
  // Those that came before it was back were told to come again.
  for (const { code } of later.slice(0, -1)) expect(code).toBe(UNAVAILABLE);
  expect(server.end).toBeUndefined();
  await expectHealthy(server);
});
