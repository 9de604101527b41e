import { defineProvider } from "../framework/index.ts";
import { randomBytes } from "./bytes.ts";
import { randomId } from "./id.ts";
import { randomPassword, randomString } from "./string.ts";

/** Stand-in for pulumi-random 4.21: generated values that stay until an input or a keeper changes. */
export const random = defineProvider<undefined>({
  name: "random",
  version: "4.21.0",
  config: {},
  configure: () => undefined,
  resources: {
    "random:index/randomBytes:RandomBytes": randomBytes,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomString:RandomString": randomString,
  },
  functions: {},
});
