import { configDefaults, defineConfig } from "vitest/config";

/** They load the machine; `npm run test:faults` runs them one after another (vitest.faults.config.ts). */
const FAULTS = "test/faults/**";
/** No test: it takes the documentation's pictures (docs/godot/take-screenshots.sh). */
const PICTURES = "test/godot/screenshots.test.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, FAULTS, ...(process.env.PLAYBLAST_SCREENSHOTS ? [] : [PICTURES])],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "threads",
  },
});
