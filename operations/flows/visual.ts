import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../fleet/backend/store/store.ts";
import { lookAtPages, type Seen } from "../../flows/pages.ts";
import { comparePictures } from "../../flows/pictures.ts";
import { type Browsing, inBrowser } from "./perform.ts";

/** A page in one size beside its picture of the last good release. */
export interface ComparedPage {
  readonly page: string;
  readonly size: string;
  /** `new`: there is no picture to compare with. `not-run`: it could not be looked at. */
  readonly state: "same" | "differs" | "new" | "not-run";
  /** Of the picture; null where none was compared. */
  readonly percent: number | null;
  readonly reason: string;
  /** Files: the picture before, the one now, and the difference. Only of what differs. */
  readonly evidence: readonly string[];
}

/** What pages look like now. */
export interface Compared {
  readonly pages: readonly ComparedPage[];
  /** Keeps the pictures as those of the last good release. */
  keep(): Promise<void>;
}

const keyOf = ({ page, size }: Pick<Seen, "page" | "size">): string => `visual/${page}-${size}.png.base64`;

/** Looks at pages and compares them with the kept pictures. @throws SitefleetError those of the browser, `store.unreachable` */
export async function comparePages(options: Browsing, store: Store, names: readonly string[] = []): Promise<Compared> {
  const { pages } = options.flows.visual;
  const chosen = names.length === 0 ? pages : pages.filter(({ key }) => names.includes(key));
  const seen = await inBrowser(options, ({ evidence, ...place }) =>
    lookAtPages({ ...place, signal: options.signal, flows: options.flows, chosen, evidence }).then(async (found) => {
      const compared = await Promise.all(found.map((one) => compare(one, store, evidence)));
      return { found, compared };
    }),
  );
  return {
    pages: seen.compared,
    async keep() {
      for (const one of seen.found)
        if (one.picture !== undefined) await store.put(keyOf(one), one.picture.toString("base64"));
    },
  };
}

async function compare(seen: Seen, store: Store, folder: string): Promise<ComparedPage> {
  const { page, size, picture, percent } = seen;
  const facts = { page, size, percent: null, evidence: [] };
  if (picture === undefined) return { ...facts, state: "not-run", reason: seen.reason ?? "" };
  const kept = await store.get(keyOf(seen));
  if (kept === undefined) return { ...facts, state: "new", reason: "no picture of a good release is kept yet" };
  const before = Buffer.from(kept.text, "base64");
  const { percent: differs, picture: difference } = await comparePictures(before, picture);
  if (differs <= percent) return { ...facts, percent: differs, state: "same", reason: "" };
  mkdirSync(folder, { recursive: true });
  const evidence = Object.entries({ before, now: picture, difference }).map(([name, content]) => {
    const file = join(folder, `${page}-${size}-${name}.png`);
    writeFileSync(file, content);
    return file;
  });
  const reason = `${differs.toFixed(2)} % of the picture differ; ${percent} % may`;
  return { page, size, state: "differs", percent: differs, reason, evidence };
}
