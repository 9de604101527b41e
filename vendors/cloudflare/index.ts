import type { Vendor } from "../vendor.ts";
import { api } from "./api.ts";
import { limits } from "./limits.ts";
import { types } from "./types.ts";

/** Cloudflare: DNS of zones, and a CDN in front of services. */
export const cloudflare: Vendor = {
  name: "cloudflare",
  title: "Cloudflare",
  providers: { cloudflare: { again: true } },
  types,
  others: [[/^/, "edge"]],
  api,
  limits,
  // cloudflare-go 5, internal/apierror: `POST "https://…": 403 Forbidden {…}`
  refusals: { status: /\b(?:GET|POST|PUT|PATCH|DELETE) "[^"\s]+": (\d{3})\b/ },
};
