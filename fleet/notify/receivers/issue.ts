import type { NotifyReceiver } from "../../../model/index.ts";
import { VENDORS } from "../../../vendors/index.ts";
import { delivery, fieldOf, send } from "./http.ts";
import type { Env, Receiver } from "./types.ts";

/** A fence that no line can end, since lines hold no line end and an indent is put before each. */
const bodyOf = (lines: readonly string[]): string =>
  ["Updated in place by sitefleet.", "", ...lines.map((line) => `    ${line}`)].join("\n");

/** An issue a thread: opened once, edited, and closed with the incident. */
export function issue(config: Extract<NotifyReceiver, { kind: "issue" }>, env: Env): Receiver {
  const tracker = VENDORS.find((vendor) => vendor.issues !== undefined)?.issues;
  if (tracker === undefined) throw new Error("vendors/index.ts lists no vendor that keeps issues");
  const issues = tracker.address(config.repository, env);
  const headers = tracker.headers(env[config.token] ?? "");
  return {
    follows: "update",
    async send(message, handle, signal) {
      const { title, lines, over } = message;
      const body = { title, body: bodyOf(lines) };
      if (handle !== undefined) {
        const url = `${issues}/${encodeURIComponent(handle)}`;
        const patch = { ...body, state: over ? "closed" : "open" };
        return {
          ...(await delivery(() => send({ url, method: "PATCH", headers, body: patch }, signal), signal)),
          handle,
        };
      }
      // What is over before anyone was told needs no issue.
      if (over) return { result: "delivered" };
      const open = { ...body, labels: [config.label] };
      return delivery(
        () => send({ url: issues, headers, body: open }, signal),
        signal,
        ({ text }) => ({ result: "delivered", handle: fieldOf(text, "number") }),
      );
    },
  };
}
