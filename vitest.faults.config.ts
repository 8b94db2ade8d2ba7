import { defineConfig } from "vitest/config";

/** `npm run test:faults`: one file after another, since each loads the machine and measures what others feel of it. */
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    fileParallelism: false,
    reporters: ["verbose"],
    disableConsoleIntercept: true,
  },
});
