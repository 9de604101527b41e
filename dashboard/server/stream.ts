import type { Patch } from "../view/picture.ts";
import type { Feed } from "./feed.ts";

/** Messages that a page may be behind before its connection is cut: it comes back and catches up. */
const MOST_BEHIND = 30;

/** Server-sent events: what has changed since a picture, then each change as it is seen. `reload`: read all anew. */
export function streamOf(feed: Feed, after: string, onEnd: () => void): Response {
  const encoder = new TextEncoder();
  let stop = () => {};
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    stop();
    onEnd();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (event: string, id: string, data: unknown) => {
          if ((controller.desiredSize ?? 0) < 0) {
            end();
            controller.close();
            return;
          }
          controller.enqueue(encoder.encode(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`));
        };
        const missed = feed.since(after);
        if (missed === undefined) send("reload", after.replace(/[^\w-]/g, ""), {});
        else for (const patch of missed) send("patch", patch.version, patch);
        stop = feed.listen((patch: Patch) => send("patch", patch.version, patch));
      },
      cancel: end,
    },
    { highWaterMark: MOST_BEHIND },
  );
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}
