import { defineConfig } from "vitest/config";

// Levels differ in what they may touch: unit is pure, component uses Pulumi's mocks, engine starts the real
// pulumi on a sandbox of its own. They are projects so that each can be run alone.
export default defineConfig({
  test: {
    // More than vitest would take on two processors: engine tests wait for processes a good part of their time.
    maxWorkers: 4,
    globalSetup: ["test/support/temporary.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          setupFiles: ["test/support/properties.ts", "test/support/environment.ts"],
          // Unit tests share their worker's modules: loading them anew for each file took longer than most tests.
          isolate: false,
          testTimeout: 20_000,
        },
      },
      { test: { name: "browser", include: ["test/browser/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: "component", include: ["test/component/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
