import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { s3Store } from "../../../../../fleet/backend/store/s3-store.ts";

// A bucket's server that has too much to do, as it or a proxy before it says so. What breaks when these fail: one of many jobs
// on a bucket fails where waiting was enough, or takes its own write for another machine's.

let close = () => {};
afterEach(() => close());

async function bucket(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => server.close();
  const { port } = server.address() as AddressInfo;
  const at = {
    bucket: "state",
    prefix: "",
    endpoint: `http://127.0.0.1:${port}`,
    pathStyle: true,
    region: "us-east-1",
  };
  return s3Store({ kind: "s3", ...at } as Parameters<typeof s3Store>[0], {
    AWS_ACCESS_KEY_ID: "one",
    AWS_SECRET_ACCESS_KEY: "two",
  });
}

it("is asked again after an answer in no words of S3", async () => {
  let asked = 0;
  const store = await bucket((_, response) => {
    asked++;
    if (asked <= 6)
      return void response.writeHead(503, { "content-type": "text/html" }).end("The connection cannot be served");
    response.writeHead(200, { etag: '"v1"' }).end("here");
  });
  expect(await store.get("x")).toEqual({ text: "here", version: '"v1"' });
  expect(asked).toBe(7);
});

it("says the status of a page that is no S3 server's", async () => {
  const store = await bucket((_, response) => void response.writeHead(403).end("go away"));
  await expect(store.get("x")).rejects.toThrow("status 403, not in the words of S3");
});

it("knows its own write, whose answer was lost", async () => {
  let kept = "";
  const store = await bucket((request, response) => {
    if (request.method === "GET") return void response.writeHead(200, { etag: '"v2"' }).end(kept);
    if (kept !== "") return void response.writeHead(412).end("<Error><Code>PreconditionFailed</Code></Error>");
    request.setEncoding("utf8").on("data", (text: string) => {
      kept += text;
    });
    request.on("end", () => response.writeHead(500).end());
  });
  expect(await store.put("x", "mine", { absent: true })).toBe('"v2"');
  expect(await store.put("x", "another's", { absent: true })).toBe(false);
});

it("is asked sixteen things at once at most", async () => {
  let [now, most] = [0, 0];
  const store = await bucket((_, response) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      response.writeHead(404).end();
    }, 5);
  });
  await Promise.all(Array.from({ length: 40 }, (_, index) => store.get(`x${index}`)));
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(16);
});
