import type { CheckCall } from "../framework/index.ts";
import { isUnknown } from "../framework/index.ts";
import type { VercelClient } from "./client.ts";

/** How long an answer is used again, in milliseconds. The real provider asks for the frameworks at every check. */
const FRESH_MS = 10_000;

interface Answer {
  readonly at: number;
  readonly values: Promise<ReadonlySet<string>>;
}

// Kept by client, because two engines may talk to two sandboxes.
const frameworks = new WeakMap<VercelClient, Answer>();
const regions = new WeakMap<VercelClient, Answer>();

function ask(
  cache: WeakMap<VercelClient, Answer>,
  client: VercelClient,
  host: string,
  what: string,
  read: (body: unknown) => string[],
): Promise<ReadonlySet<string>> {
  const known = cache.get(client);
  if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.values;
  const values = client.validation(host).then(({ status, body }) => {
    if (status !== 200) throw new Error(`Unable to retrieve Vercel ${what}: unexpected status code: ${status}`);
    return new Set(read(body));
  });
  cache.set(client, { at: Date.now(), values });
  values.catch(() => cache.delete(client));
  return values;
}

async function validate(
  call: CheckCall<VercelClient>,
  path: string,
  value: unknown,
  allowed: (client: VercelClient) => Promise<ReadonlySet<string>>,
  subject: string,
): Promise<void> {
  if (typeof value !== "string" || isUnknown(value) || call.client === undefined) return;
  try {
    const known = await allowed(call.client);
    if (!known.has(value)) {
      call.fail(path, `The ${subject} ${value} is not supported on Vercel. Must be one of ${[...known].join(", ")}.`);
    }
  } catch (error) {
    call.fail(path, `Unable to validate attribute: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Checks a framework's slug against the list that Vercel serves. */
export function checkFramework(call: CheckCall<VercelClient>, path: string, value: unknown): Promise<void> {
  const list = (client: VercelClient) =>
    ask(frameworks, client, "api-frameworks.zeit.sh", "frameworks", (body) =>
      (body as { slug: string | null }[]).flatMap(({ slug }) => slug ?? []),
    );
  return validate(call, path, value, list, "framework");
}

/** Checks a function region against those that Vercel can deploy to. */
export function checkRegion(call: CheckCall<VercelClient>, path: string, value: unknown): Promise<void> {
  const list = (client: VercelClient) =>
    ask(regions, client, "dcs.vercel-infra.com", "serverless function regions", (body) =>
      Object.entries(body as Record<string, { caps?: string[] }>)
        .filter(([, region]) => region.caps?.includes("V2_DEPLOYMENT_CREATE"))
        .map(([name]) => name),
    );
  return validate(call, path, value, list, "serverless function region");
}
