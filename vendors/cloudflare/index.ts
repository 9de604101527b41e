import type { Vendor } from "../vendor.ts";
import { api } from "./api.ts";
import { recordOf, settingArgs } from "./dns-plan.ts";
import { history } from "./history.ts";
import { limits } from "./limits.ts";
import { scan } from "./scan.ts";
import { types } from "./types.ts";

/** Setting: account that new zones are made in. */
const ACCOUNT = "cloudflareAccountId";

/** Cloudflare: DNS of zones, and a CDN in front of services. */
export const cloudflare: Vendor = {
  name: "cloudflare",
  title: "Cloudflare",
  providers: {
    cloudflare: {
      again: true,
      // cloudflare-go 5, internal/apierror: `POST "https://…": 403 Forbidden {…}`
      refusals: { status: /\b(?:GET|POST|PUT|PATCH|DELETE) "[^"\s]+": (\d{3})\b/ },
      make: async (name) => new (await import("@pulumi/cloudflare/provider.js")).Provider(name, {}),
    },
  },
  settings: [{ key: ACCOUNT, hint: "the Cloudflare account's id", stacks: ["shared"], required: "new-zones" }],
  credentials: {
    variable: "CLOUDFLARE_API_TOKEN",
    instead: [["CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL"], ["CLOUDFLARE_API_USER_SERVICE_KEY"]],
  },
  account: async () => (await import("./account.ts")).account,
  dns: {
    provider: "cloudflare",
    load: async (settings) => (await import("./dns.ts")).cloudflareDns({ accountId: settings[ACCOUNT] ?? "" }),
    recordOf,
    settingNames: (zone, cdn) => settingArgs(zone, cdn, "").map(({ name }) => name),
  },
  types,
  scan,
  history,
  others: [[/^/, "edge"]],
  api,
  limits,
};
