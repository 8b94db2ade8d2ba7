import { configDefaults, defineConfig } from "vitest/config";

/** No test: it takes the documentation's pictures (docs/godot/take-screenshots.sh). */
const PICTURES = "test/godot/screenshots.test.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(process.env.PLAYBLAST_SCREENSHOTS ? [] : [PICTURES])],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "threads",
  },
});
