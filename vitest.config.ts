import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

/** No test: it takes the documentation's pictures (docs/godot/take-screenshots.sh). */
const PICTURES = "test/godot/screenshots.test.ts";

/** Worker threads run as Node runs them: built. */
const builtWorkers = {
  name: "built-workers",
  transform: (code: string, id: string) =>
    code.replaceAll(/new URL\("(\.[^"]*-worker\.js)", import\.meta\.url\)/g, (_, path: string) => {
      const built = resolve(dirname(id), path).replace(/([\\/])src([\\/])/, "$1dist$2");
      return `new URL(${JSON.stringify(pathToFileURL(built))})`;
    }),
};

export default defineConfig({
  plugins: [builtWorkers],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(process.env.PLAYBLAST_SCREENSHOTS ? [] : [PICTURES])],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "threads",
  },
});
