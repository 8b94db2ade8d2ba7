import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { testServer } from "../fixtures/test-server.js";

const CLIENT = fileURLToPath(new URL("foreign_client.py", import.meta.url));
const PROTO_FOLDER = fileURLToPath(new URL("../../proto", import.meta.url));
/** Debian's Python, whose packages are installed with apt; another one is named by PLAYBLAST_PYTHON. */
const PYTHON = process.env.PLAYBLAST_PYTHON ?? "/usr/bin/python3";

const hasGrpc = spawnSync(PYTHON, ["-c", "import grpc, grpc_tools.protoc"]).status === 0;
const skipped = !hasGrpc && !process.env.CI;
const NEEDS = "python3-grpcio python3-grpc-tools python3-protobuf";
if (skipped) console.warn(`Skipped: a gRPC client in Python. ${PYTHON} has no grpcio; apt-get install ${NEEDS}`);

it.skipIf(skipped)(
  "a client in Python, made from the .proto files alone, gets its pictures, and is told what was wrong",
  async () => {
    if (!hasGrpc) throw new Error(`${PYTHON} has no grpcio; on CI this test must run: apt-get install ${NEEDS}`);
    const running = await testServer();
    try {
      const arguments_ = [CLIENT, `127.0.0.1:${running.server.port}`, PROTO_FOLDER];
      const { stdout } = await promisify(execFile)(PYTHON, arguments_, { timeout: 60_000 });
      expect(JSON.parse(stdout)).toEqual({
        shot: {
          ticks: [100, 101, 102, 103, 104, 105],
          size: [16, 16],
          seeds: [Number.MAX_SAFE_INTEGER],
          model: "fake",
          last: "shot_closed",
        },
        refusal: { code: "INVALID_ARGUMENT", fields: ["engine_frame.planes[0].data"] },
      });
    } finally {
      await running.close();
    }
  },
  90_000,
);
