/** Whose limits and prices there are; `sitefleet` are rules of our own. */
export const VENDORS = ["vercel", "cloudflare", "github", "letsencrypt", "plesk", "pulumi", "sitefleet"] as const;
