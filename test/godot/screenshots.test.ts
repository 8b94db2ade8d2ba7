import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { expect, it } from "vitest";
import { type ServerProcess, startServerProcess } from "../fixtures/server-process.js";
import { giveCommand } from "./command-in-godot.js";
import { assembleProject, watchGodot } from "./godot.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PATIENCE_MS = 300_000;
/** The pictures show it. */
const PORT = 50080;
/** Colours of a picture: as few as show no difference, since the pictures are part of the repository. */
const COLOURS = 160;

/** No test, but it needs what the tests need; vitest.config.ts leaves it out of the tests: see docs/godot/take-screenshots.sh. */
it(
  "takes the documentation's pictures of the dock",
  async () => {
    const project = await assembleProject(at("editor"), at("project/report.gd"));
    const command = await giveCommand(project);
    const takes = await mkdtemp(join(tmpdir(), "playblast-takes-"));
    const servers: ServerProcess[] = [];
    try {
      servers.push(await startServerProcess(PORT, "--takes", takes), await startServerProcess(0, "--token", "secret"));
      const run = await watchGodot(
        {},
        "forward_plus",
        project,
        ...["--editor", "--", "--scenarios", "screenshots", "--server", `127.0.0.1:${PORT}`],
        ...[
          "--token_server",
          `127.0.0.1:${servers[1]?.port}`,
          "--free_address",
          `127.0.0.1:${PORT + 1}`,
          "--command",
          command,
        ],
      );
      const pictures = join(project, "pictures");
      for (const file of (await readdir(pictures)).filter((name) => name.endsWith(".png")))
        await sharp(join(pictures, file))
          .png({ palette: true, colours: COLOURS, effort: 10, compressionLevel: 9 })
          .toFile(join(at("../../docs/godot"), basename(file)));
      expect(run.output).toMatch(/^[1-9]\d* passed, 0 failed$/m);
    } finally {
      for (const server of servers) await server.kill();
      for (const folder of [project, takes]) await rm(folder, { recursive: true, force: true });
    }
  },
  PATIENCE_MS,
);
