/** The vendors the sandbox stands in for; also the name that fault and limit rules match on. */
export const VENDOR_NAMES = ["vercel", "cloudflare", "github", "chat"] as const;

/** One of {@link VENDOR_NAMES}. */
export type VendorName = (typeof VENDOR_NAMES)[number];
