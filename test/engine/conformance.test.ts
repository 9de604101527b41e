import { cloudflare } from "./conformance/cloudflare.ts";
import { command } from "./conformance/command.ts";
import { conform } from "./conformance/conform.ts";
import { github } from "./conformance/github.ts";
import { random } from "./conformance/random.ts";
import { vercel } from "./conformance/vercel.ts";

// What breaks when these fail: the sandbox shows something else than the real provider plugins would do. The tables say
// what both must do; against the stand-ins they run always, against real plugins with SITEFLEET_PLUGINS=real.
for (const table of [cloudflare, command, github, random, vercel]) conform(table);
