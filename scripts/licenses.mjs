/**
 * Writes THIRD_PARTY_LICENSES.md from what the lock file installs for users: `node scripts/licenses.mjs`.
 * With `--check` it writes nothing and fails where that list is not up to date, or a licence is not one that we have looked at.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const LOCK = "package-lock.json";
const LIST = "THIRD_PARTY_LICENSES.md";

/** Licences that ask for no more than their notice. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "(Apache-2.0 AND BSD-3-Clause)",
  "(MIT OR CC0-1.0)",
]);
/** Packages that were looked at one by one: what they are licensed as, and why that may be. */
const LOOKED_AT = [
  {
    // Not that for macOS on ARM: it is built with --enable-nonfree, so nobody may pass it on.
    names: /^@ffmpeg-installer\/(linux-x64|linux-arm64|darwin-x64|win32-x64)$/,
    licenses: ["GPLv3", "LGPL-2.1"],
    as: "GPL-3.0-or-later",
    why: "the binary is built with --enable-gpl; a program of its own, see above",
  },
  {
    names: /^@img\/sharp-libvips-/,
    licenses: ["LGPL-3.0-or-later"],
    as: "LGPL-3.0-or-later",
    why: "a shared library of its own, see above",
  },
  {
    names: /^@img\/sharp-(wasm32|win32-)/,
    licenses: ["Apache-2.0 AND LGPL-3.0-or-later", "Apache-2.0 AND LGPL-3.0-or-later AND MIT"],
    why: "libvips in the same package, see above",
  },
  { names: /^async$/, licenses: [undefined], as: "MIT", why: "its package.json says so in the old field `licenses`" },
];

const BINARIES = `## Binaries in these packages

- **FFmpeg** (\`@ffmpeg-installer/*\`): development builds of December 2018 (Linux on ARM: June 2019) under the GNU General Public License 3 or
  later (\`--enable-gpl --enable-version3\`, with x264), by John Van Sickle (Linux, https://johnvansickle.com/ffmpeg/), Helmut Tessarek (macOS,
  https://evermeet.cx/ffmpeg/) and Zeranoe (Windows). Source: https://ffmpeg.org. It is run as a program of its own, and only where there is no
  other: \`PLAYBLAST_FFMPEG\` and the PATH come first. \`playblast doctor\` says which one runs and under what licence. npm has one for macOS
  on ARM too, but it is built with \`--enable-nonfree\` and may not be passed on, so it is not installed.
- **libvips** and the libraries in it (\`@img/sharp-libvips-*\`, on Windows in \`@img/sharp-win32-*\`): GNU Lesser General Public License 3 or
  later, a shared library that can be replaced. The README in each of those packages lists its parts and their licences; source:
  https://github.com/lovell/sharp-libvips.
- **ONNX Runtime** (\`onnxruntime-node\`): MIT, with parts under the licences listed in
  https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt. For Windows the package also holds Microsoft's DirectML.dll
  and DirectX shader compiler under their own terms. The CUDA provider is not part of it.
- **Zstandard** (\`@foxglove/wasm-zstd\`): BSD-3-Clause, compiled to WebAssembly.
`;

const { packages } = JSON.parse(readFileSync(LOCK, "utf8"));
const problems = [];
const rows = new Map();
for (const [path, { version, license, dev }] of Object.entries(packages)) {
  if (path === "" || dev) continue;
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const known = LOOKED_AT.find(({ names, licenses }) => names.test(name) && licenses.includes(license));
  if (!known && !ALLOWED.has(license)) {
    problems.push(
      `${name} ${version}: licence ${license ?? "unknown"} has not been looked at; see ALLOWED in scripts/licenses.mjs`,
    );
  }
  const note = known ? ` (${known.why})` : "";
  rows.set(`${name} ${version}`, `| ${name} | ${version} | ${known?.as ?? license}${note} |`);
}
const text = `# Licences of what Playblast installs

Written by \`node scripts/licenses.mjs\` from the lock file. Playblast itself is under the MIT licence (LICENSE) and contains none of these
packages: npm fetches each from its publisher, those for a machine of another kind not at all. Each package holds its own notice.

${BINARIES}
## Packages

| package | version | licence |
|---|---|---|
${[...rows]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([, row]) => row)
  .join("\n")}
`;
if (!process.argv.includes("--check")) writeFileSync(LIST, text);
else if (!existsSync(LIST) || readFileSync(LIST, "utf8") !== text)
  problems.push(`${LIST} does not list what ${LOCK} installs; write it again: node scripts/licenses.mjs`);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
