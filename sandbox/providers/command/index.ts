import { defineProvider } from "../framework/index.ts";

/** Stand-in for the command provider. */
export const command = defineProvider<undefined>({
  name: "command",
  version: "0.0.0",
  config: {},
  configure: () => undefined,
  resources: {},
  functions: {},
});
