import type { Overview, SiteNow } from "../../fleet/overview/shape.ts";

/** What changed between two looks: what the server sends and the page takes. */
export interface Patch {
  /** Of the picture with this patch, and of the one before it. */
  readonly version: string;
  readonly before: string;
  /** Parts that differ, whole; always `at`. */
  readonly parts: Partial<Overview>;
  /** Sites whose row differs. */
  readonly sites: readonly SiteNow[];
}

/** The whole picture. */
export interface Picture {
  readonly version: string;
  /** Between two looks, ms: without a sign of life for longer a page calls itself stale. */
  readonly everyMs: number;
  readonly overview: Overview;
}
