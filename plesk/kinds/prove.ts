/** Seconds that n8n may take after a restart until its web hooks answer. */
const SECONDS = 90;

/**
 * A program for Node in the container: calls each production web hook of ours with a signed message that asks for nothing but an answer,
 * until it answers something else than 404, and prints what came as JSON. The secret is in the container's environment alone.
 */
export const PROVE = `const { readdirSync, readFileSync } = require("fs");
const { createHmac } = require("crypto");
const { N8N_PORT = "5678", N8N_ENDPOINT_WEBHOOK = "webhook", SITEFLEET_WEBHOOK_SECRET: secret = "" } = process.env;
const sign = (at, text) => "v1=" + createHmac("sha256", secret).update(at + "." + text).digest("hex");
const ask = async (path) => {
  const at = String(Math.floor(Date.now() / 1000));
  const id = "ping-" + at;
  const body = JSON.stringify({ version: 1, id, topic: "ping" });
  const headers = { "content-type": "application/json", "x-sitefleet-id": id, "x-sitefleet-timestamp": at, "x-sitefleet-signature": sign(at, body) };
  try {
    const answer = await fetch("http://127.0.0.1:" + N8N_PORT + "/" + N8N_ENDPOINT_WEBHOOK + "/" + path, { method: "POST", headers, body, signal: AbortSignal.timeout(10000) });
    return { path, status: answer.status, secret: secret !== "", signed: answer.headers.get("x-sitefleet-signature") === sign(at, id) };
  } catch {
    return { path, status: 0, secret: secret !== "", signed: false };
  }
};
(async () => {
  const files = readdirSync("/workflows").filter((name) => name.endsWith(".json"));
  const all = files.map((name) => JSON.parse(readFileSync("/workflows/" + name, "utf8"))).filter(({ active }) => active);
  const hooks = all.flatMap(({ nodes = [] }) => nodes).filter(({ type }) => type === "n8n-nodes-base.webhook");
  const paths = hooks.map(({ parameters = {} }) => parameters.path).filter((path) => typeof path === "string" && path.startsWith("sitefleet-"));
  const end = Date.now() + ${SECONDS} * 1000;
  for (;;) {
    const answers = await Promise.all(paths.map(ask));
    if (answers.every(({ status }) => status !== 0 && status !== 404) || Date.now() > end) return console.log(JSON.stringify(answers));
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
})();`;
