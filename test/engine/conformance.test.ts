import { cloudflare } from "./conformance/cloudflare.ts";
import { conform } from "./conformance/conform.ts";

// What breaks when these fail: the sandbox shows something else than the real provider plugins would do. The tables say
// what both must do; against the stand-ins they run always, against real plugins with SITEFLEET_PLUGINS=real.
for (const table of [cloudflare]) conform(table);
