import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { at } from "../fixtures/command-line.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-ffmpeg-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says of itself what an ffmpeg of that build says. */
function fakeFfmpeg(path: string, flags: string, years = "2000-2025", encoders = " V....D libx264 "): string {
  writeFileSync(
    path,
    `#!/bin/sh
case "$2" in
  -version) echo "ffmpeg version 8.0 Copyright (c) ${years} the FFmpeg developers"; echo "configuration: ${flags}";;
  -encoders) echo "${encoders}";;
esac
`,
  );
  chmodSync(path, 0o755);
  return path;
}

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly optional?: boolean;
  readonly detail: string;
}

/** What `playblast doctor` says of ffmpeg. */
function doctor(env: Record<string, string>): Finding {
  const run = spawnSync(process.execPath, [at("dist/cli/playblast.js"), "doctor", "--json"], {
    encoding: "utf8",
    env: { ...process.env, PLAYBLAST_FFMPEG: "", ...env },
  });
  return (JSON.parse(run.stdout) as Finding[]).find(({ what }) => what === "ffmpeg") as Finding;
}

describe("playblast doctor says of ffmpeg", () => {
  it.each([
    ["--enable-libx264", "LGPL 2.1 or later"],
    ["--enable-version3", "LGPL 3 or later"],
    ["--enable-gpl --enable-libx264", "GPL 2 or later"],
    ["--enable-gpl --enable-version3", "GPL 3 or later"],
  ])(
    "that one built with %s is under the %s",
    (flags, license) => {
      const path = fakeFfmpeg(join(folder, "mine"), flags);
      expect(doctor({ PLAYBLAST_FFMPEG: path })).toEqual({
        what: "ffmpeg",
        ok: true,
        detail: `8.0 of 2025, ${license}, from PLAYBLAST_FFMPEG: ${path}`,
      });
    },
    60_000,
  );

  it("that one may not be passed on, or is old, as a note", () => {
    const path = fakeFfmpeg(join(folder, "mine"), "--enable-gpl --enable-nonfree");
    expect(doctor({ PLAYBLAST_FFMPEG: path })).toMatchObject({
      ok: false,
      optional: true,
      detail: expect.stringMatching(/not redistributable \(--enable-nonfree\).* It may not be passed on; install/),
    });
    fakeFfmpeg(path, "--enable-gpl", "2000-2018");
    expect(doctor({ PLAYBLAST_FFMPEG: path })).toMatchObject({
      ok: false,
      optional: true,
      detail: expect.stringMatching(/8\.0 of 2018, GPL 2 or later.* It is old; install a current one/),
    });
  }, 60_000);

  it("that the user's own on the PATH comes before the one of npm", () => {
    fakeFfmpeg(join(folder, "ffmpeg"), "--enable-gpl");
    const PATH = `${folder}${delimiter}${process.env.PATH}`;
    expect(doctor({ PATH })).toMatchObject({ ok: true, detail: expect.stringMatching(/from the PATH: ffmpeg/) });
    fakeFfmpeg(join(folder, "ffmpeg"), "--disable-gpl", "2000-2025", "no H.264");
    expect(doctor({ PATH }).detail).toMatch(/the build that npm brought, since none is on the PATH/);
  }, 60_000);

  it("that PLAYBLAST_FFMPEG names none, and what to do", () => {
    expect(doctor({ PLAYBLAST_FFMPEG: join(folder, "gone") })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(
        /no ffmpeg with libx264 was found \(PLAYBLAST_FFMPEG: .*gone does not run\)\. Set PLAYBLAST_FFMPEG to/,
      ),
    });
  }, 60_000);
});

describe("the ffmpeg that npm brings", () => {
  /** Runs findFfmpeg as it is in an installation of its own, with nothing on the PATH. */
  function find(): string {
    const script = join(folder, "ffmpeg.js");
    copyFileSync(at("dist/video/ffmpeg.js"), script);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    symlinkSync(at("node_modules/fluent-ffmpeg"), join(folder, "node_modules/fluent-ffmpeg"));
    const code = `import { findFfmpeg } from ${JSON.stringify(script)};
      try { console.log(findFfmpeg().source) } catch (error) { console.log(error.message) }`;
    const env = { PATH: folder, PLAYBLAST_FFMPEG: "" };
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8", env });
    return run.stdout + run.stderr;
  }

  it("runs also where npm did not run the script that makes it executable", () => {
    const home = join(folder, `node_modules/@ffmpeg-installer/${process.platform}-${process.arch}`);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), "{}");
    const path = fakeFfmpeg(join(home, "ffmpeg"), "--enable-gpl");
    chmodSync(path, 0o644);
    expect(find()).toBe("npm\n");
    expect(statSync(path).mode & 0o777).toBe(0o755);
  });

  it("may be missing: then an error says what to install", () => {
    expect(find()).toMatch(
      /^no ffmpeg with libx264 was found \(PATH: ffmpeg does not run; npm: no build for \w+-\w+\)\. Install ffmpeg/,
    );
  });
});
