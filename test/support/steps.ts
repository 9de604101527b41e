import { get } from "node:http";
import { expect } from "vitest";
import { compareWithState } from "../../sandbox/compare.ts";
import type { Estate } from "./estate.ts";

/** What tests of releases do with an estate, step by step. */
export function stepsOf(estate: Estate) {
  const headers = { "content-type": "application/json" };
  return {
    /** Pins the stable channel to this commit. */
    release: (commit: string) =>
      estate.edit("releases.yaml", (text) => text.replace(/(stable:\n\s+ref: )"[0-9a-f]{40}"/, `$1"${commit}"`)),
    /** `sitefleet … --json`, which must exit with this code; returns its document. */
    run: async (code: number, ...args: string[]) => {
      const ran = await estate.sitefleet(...args, "--json");
      expect(ran.code, ran.stdout + ran.stderr).toBe(code);
      return JSON.parse(ran.stdout);
    },
    /** PUTs something to the sandbox's control API. */
    put: (path: string, body: unknown) => estate.control(path, { method: "PUT", headers, body: JSON.stringify(body) }),
    /** The commit, forty times a or b, that the site's host serves. `fetch` keeps the host name to itself. */
    live: (name: string) =>
      new Promise<string | undefined>((resolve, reject) => {
        const { hostname, port } = new URL(estate.info.urls.web);
        const call = get({ hostname, port, headers: { host: `${name}.qmoney.de` } }, (answer) => {
          let text = JSON.stringify(answer.headers);
          answer.setEncoding("utf8").on("data", (part) => {
            text += part;
          });
          answer.on("end", () => resolve(/a{40}|b{40}/.exec(text)?.[0]));
        });
        call.on("error", reject);
      }),
    /** The vendors have exactly what the states say. */
    whole: async () => {
      const { missing, orphans } = await compareWithState(estate.info);
      expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
    },
  };
}
