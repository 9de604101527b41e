/** The vendors the sandbox stands in for, and the programs on its SSH host; also the name that fault and limit rules match on. */
export const VENDOR_NAMES = ["vercel", "cloudflare", "github", "chat", "host"] as const;

/** One of {@link VENDOR_NAMES}. */
export type VendorName = (typeof VENDOR_NAMES)[number];
