// What breaks when these fail: a page in a browser, or another user of the machine, speaks with the server.
import { afterAll, expect, it } from "vitest";
import { serveOnHttp } from "../../../mcp/start.ts";
import { World } from "./world.ts";

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
