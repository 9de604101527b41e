import { fields, textOf } from "../live.ts";
import type { Pulls } from "../pulls.ts";
import { readOptions } from "./live.ts";
import { sender } from "./send.ts";

/** For the answer, ms. */
const CALL_MS = 30_000;

/** Pull requests: docs.github.com/rest/pulls/pulls. */
export const pulls: Pulls = {
  server: "https://github.com/",
  async open({ repository, ...pull }, token, env, signal) {
    const address = `${readOptions(env).baseUrl}/repos/${repository}/pulls`;
    const { status, text } = await sender(env, token, signal, CALL_MS)(address, "POST", JSON.stringify(pull));
    return status === 201 ? { url: textOf(fields(JSON.parse(text)), "html_url") ?? address } : { refused: status };
  },
};
