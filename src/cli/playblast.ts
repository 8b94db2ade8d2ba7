#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { demoCommand } from "./demo.js";
import { doctorCommand } from "./doctor.js";
import { inspectCommand } from "./inspect.js";
import { printableLines } from "./printable.js";
import { renderCommand } from "./render.js";
import { serveCommand } from "./serve.js";
import { videoCommand } from "./video.js";

const program = new Command("playblast")
  .description("The bridge between game engines and video diffusion: 3D truth in, generated frames out")
  .showHelpAfterError()
  .exitOverride();
const commands = [demoCommand, serveCommand, renderCommand, videoCommand, inspectCommand, doctorCommand];
for (const command of commands.map((make) => make())) {
  program.addCommand(command.exitOverride().showHelpAfterError());
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const { message, stack, name } = error as Error;
    const interrupted = name === "AbortError";
    console.error(
      interrupted ? "interrupted" : printableLines((process.env.PLAYBLAST_DEBUG && stack) || `error: ${message}`),
    );
    process.exitCode = interrupted ? 130 : 1;
  }
}
