import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseApproval } from "../../../fleet/gates/approval.ts";
import { newRequest, requestText } from "../../../fleet/gates/request.ts";
import { readSignature, verifyText } from "../../../fleet/gates/signature.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";

// Breaks when a person cannot say yes away from the project: with the request at an address or on stdin, and a key that an agent holds.

let dir: string;
let server: Server;
let address: string;
const agent = { SSH_AUTH_SOCK: "", pid: 0 };
const asks = [
  { rule: "many-sites", severity: "approve", sentence: "60 sites", area: "general", approvals: 1, examples: [] },
] as const;
const request = requestText(
  newRequest({
    estate: "sandbox",
    operation: "up",
    digest: "ab".repeat(32),
    stacks: ["prod"],
    does: "60 created",
    worst: [],
    asks,
    now: new Date(),
    expiryHours: 1,
  }),
);
const file = (name: string) => join(dir, name);
const publicKey = (name: string) => readFileSync(file(`${name}.pub`), "utf8").trim();

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-approve-"));
  for (const name of ["held", "kept"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file(name)]);
  const said = execFileSync("ssh-agent", ["-s", "-a", file("agent")], { encoding: "utf8" });
  agent.SSH_AUTH_SOCK = file("agent");
  agent.pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
  execFileSync("ssh-add", ["-q", file("held")], { env: { ...process.env, ...agent, pid: "" }, stdio: "pipe" });
  // From here on the agent alone has it.
  rmSync(file("held"));
  server = createServer((incoming, answer) => {
    if (incoming.url === "/request") answer.end(request);
    else if (incoming.url === "/endless") {
      const more = () => {
        while (answer.write("x".repeat(65_536)));
        answer.once("drain", more);
      };
      more();
    } else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  process.kill(agent.pid);
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

function approve(args: readonly string[], stdin = ""): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const cli = join(PROJECT_ROOT, "cli/sitefleet.js");
    const env = { ...process.env, SSH_AUTH_SOCK: agent.SSH_AUTH_SOCK };
    // In an empty folder, as on a machine that has no checkout.
    const child = spawn(process.execPath, [cli, "approve", "--yes", "--json", ...args], { cwd: dir, env });
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.on("close", (code) => resolve({ code, stdout }));
    child.stdin.end(stdin);
  });
}

test("the request at an address, signed by an agent's key; then on stdin, signed by a second person's", async () => {
  const out = file("approvals/yes.yaml");
  const first = await approve(["--request", `${address}/request`, "--key", file("held.pub"), "--out", out]);
  expect(first.code, first.stdout).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({ estate: "sandbox", signatures: 1 });
  const second = await approve(["--request", "-", "--key", file("kept"), "--out", out], request);
  expect(JSON.parse(second.stdout)).toMatchObject({ signatures: 2 });
  const { text, signatures } = parseApproval(readFileSync(out, "utf8"), out);
  expect(text).toBe(request);
  for (const [index, name] of ["held", "kept"].entries()) {
    const key = readSignature(signatures[index] ?? "")?.key ?? "";
    expect(publicKey(name).startsWith(key)).toBe(true);
    expect(await verifyText(text, signatures[index] ?? "", key)).toBe(true);
  }
}, 60_000);

test.each(["/nothing", "/endless"])(
  "an address that gives no request, %s, is refused",
  async (path) => {
    const { code, stdout } = await approve(["--request", `${address}${path}`, "--key", file("kept")]);
    expect(code).not.toBe(0);
    expect(JSON.parse(stdout).error).toMatchObject({ code: "approval.malformed" });
  },
  60_000,
);
