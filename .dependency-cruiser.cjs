/** Imports point one way: see docs/architecture.md. */
const rooms = {
  scene: [],
  runtime: [],
  conditioning: ["scene"],
  diffusion: ["conditioning", "runtime", "scene"],
  protocol: ["scene"],
  take: ["protocol", "scene"],
  video: ["scene"],
  shot: ["diffusion", "conditioning", "protocol", "scene", "runtime"],
  server: ["shot", "take", "protocol", "scene", "diffusion"],
  client: ["protocol", "take", "scene"],
};

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: {
        orphan: true,
        path: "^src/",
        pathNot: "^src/(cli/playblast|shot/(render|read)-worker|take/(take|recover)-worker|protocol/gdscript/)",
      },
      to: {},
    },
    {
      name: "not-from-outside",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|training|bench|examples)/" },
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-looks-down-only`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: "^src/", pathNot: `^src/(${[room, ...allowed].join("|")})/` },
    })),
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "src/protocol/generated" },
  },
};
