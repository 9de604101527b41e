import { defineProvider } from "../framework/index.ts";

/** Stand-in for the vercel provider. */
export const vercel = defineProvider<undefined>({
  name: "vercel",
  version: "0.0.0",
  config: {},
  configure: () => undefined,
  resources: {},
  functions: {},
});
