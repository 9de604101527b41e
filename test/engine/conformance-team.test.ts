import { conform } from "./conformance/conform.ts";
import { vercelTeam } from "./conformance/vercel-team.ts";

// What breaks when this fails: sites of a team look different in the sandbox than with the real Vercel provider.
conform(vercelTeam);
