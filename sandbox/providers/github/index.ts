import { defineProvider } from "../framework/index.ts";

/** Stand-in for the github provider. */
export const github = defineProvider<undefined>({
  name: "github",
  version: "0.0.0",
  config: {},
  configure: () => undefined,
  resources: {},
  functions: {},
});
