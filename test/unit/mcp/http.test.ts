// What breaks when these fail: a page in a browser, or another user of the machine, speaks with the server.
import { once } from "node:events";
import { createConnection } from "node:net";
import { PassThrough } from "node:stream";
import { afterAll, expect, it } from "vitest";
import { serveOnHttp, serveOnStdio } from "../../../mcp/start.ts";
import { connect, World } from "./world.ts";

const world = new World();
afterAll(() => world.remove());

it("answers its own names and its token alone, on loopback", async () => {
  const served = await serveOnHttp(world.session(), 0);
  try {
    expect(new URL(served.url).hostname).toBe("127.0.0.1");
    const message = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
    const ask = async (headers: Record<string, string>) => {
      const common = { "content-type": "application/json", accept: "application/json, text/event-stream" };
      const answer = await fetch(served.url, {
        method: "POST",
        headers: { ...common, ...headers },
        body: JSON.stringify(message),
      });
      return [answer.status, (await answer.text()).includes("propose_change")];
    };
    const authorization = `Bearer ${served.token}`;
    expect(await ask({ authorization })).toEqual([200, true]);
    expect(await ask({})).toEqual([401, false]);
    expect(await ask({ authorization: "Bearer wrong" })).toEqual([401, false]);
    expect(await ask({ authorization, origin: "https://evil.example" })).toEqual([403, false]);
    expect(await ask({ authorization, origin: "http://localhost:3000" })).toEqual([200, true]);
    const second = serveOnHttp(world.session(), Number(new URL(served.url).port));
    await expect(second).rejects.toMatchObject({ code: "mcp.port" });
  } finally {
    await served.close();
  }
});

it("carries four calls of a session out at a time, whichever connection they come by", async () => {
  const session = world.session();
  let [now, most] = [0, 0];
  const { budget } = session;
  const atOnce = budget.atOnce.bind(budget);
  budget.atOnce = (work) =>
    atOnce(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((wait) => setTimeout(wait, 20));
      now -= 1;
      return work();
    });
  const agents = await Promise.all(Array.from({ length: 6 }, () => connect(session)));
  const told = await Promise.all(
    agents.flatMap((agent) => [0, 1].map(() => agent.refusal("explain", { about: "usage" }))),
  );
  expect([told.length, new Set(told), most]).toEqual([12, new Set([""]), 4]);
});

it("ends although a client keeps a request open, and after the line of the audit of a call that was under way", async () => {
  const session = world.session();
  const served = await serveOnHttp(session, 0);
  const socket = createConnection(Number(new URL(served.url).port), "127.0.0.1");
  socket.on("error", () => {});
  const head = `host: 127.0.0.1\r\nauthorization: Bearer ${served.token}\r\ncontent-type: application/json\r\ncontent-length: 1000`;
  socket.write(`POST /mcp HTTP/1.1\r\n${head}\r\n\r\n{`);
  await new Promise((wait) => setTimeout(wait, 50));
  const { promise: end, resolve } = Promise.withResolvers<void>();
  let noted = false;
  void session.budget.begun(
    end.then(() => {
      noted = true;
    }),
  );
  setTimeout(resolve, 30);
  await served.close();
  expect(noted).toBe(true);
}, 10_000);

it.each(["stdin ends", "stdout is gone", "a message is too long"])(
  "ends on a connection of streams where %s",
  async (how) => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const served = serveOnStdio(world.session(), new AbortController().signal, { stdin, stdout });
    const answered = once(stdout, "data");
    stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
    expect(String(await answered)).toContain('"id":1');
    if (how === "stdin ends") stdin.end();
    else if (how === "stdout is gone") stdout.destroy(new Error("EPIPE"));
    else stdin.write(Buffer.alloc(11 * 2 ** 20, 0x20));
    await served;
  },
  10_000,
);
