import { createCloudflare } from "../../../../sandbox/cloudflare/index.ts";
import { type CloudflareSeed, createContext } from "../../../../sandbox/core/index.ts";

/** Answer of the API as the tests read it. */
export interface Answer {
  readonly status: number;
  readonly success: boolean;
  readonly errors: { code: number; message: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of many shapes
  readonly result: any;
  readonly result_info?: Record<string, number>;
}

/** A Cloudflare vendor called without a network. */
export function cloudflare(seed: CloudflareSeed = {}) {
  const events: string[] = [];
  let now = Date.UTC(2026, 0, 1);
  const context = createContext({ options: { cloudflare: seed }, now: () => now });
  context.events.subscribe((event) => events.push(event.type));
  const vendor = createCloudflare(context);
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer> => {
    const response = await vendor.fetch(
      new Request(`http://sandbox/client/v4${path}`, {
        method,
        headers: headers ?? { authorization: "Bearer sandbox-token" },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
    return { status: response.status, ...((await response.json()) as Omit<Answer, "status">) };
  };
  return { vendor, call, events, tick: (ms: number) => (now += ms) };
}
