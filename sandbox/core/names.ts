/** The vendors the sandbox stands in for, and the programs on its SSH host; also the name that fault and limit rules match on. */
export const VENDOR_NAMES = ["vercel", "cloudflare", "github", "chat", "host"] as const;

/** What latency and faults may be about: vendors, and the web server, which has no limits. */
export const SUBJECT_NAMES = [...VENDOR_NAMES, "web"] as const;

/** One of {@link SUBJECT_NAMES}. */
export type SubjectName = (typeof SUBJECT_NAMES)[number];

/** One of {@link VENDOR_NAMES}. */
export type VendorName = (typeof VENDOR_NAMES)[number];
