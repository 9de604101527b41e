// A process that has the turn and, when it is told to, takes the requests left for it: stands for a rollout's runner.
import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../../../../errors/index.ts";
import { stateStore } from "../../../../../fleet/backend/store/state-store.ts";
import { rolloutFiles } from "../../../../../fleet/releases/rollout/files.ts";
import { withRolloutLock } from "../../../../../fleet/releases/rollout/rollout-lock.ts";

const { dir, url, id, takes, holdMs } = JSON.parse(process.argv[2] ?? "{}");
const store = url === undefined ? undefined : await stateStore({ ...process.env, PULUMI_BACKEND_URL: url });
const files = rolloutFiles(dir, store);
try {
  await withRolloutLock({ dir, store }, {}, async () => {
    process.stdout.write("in\n");
    for (const until = Date.now() + holdMs; Date.now() < until; ) {
      const request = takes ? await files.take(id) : undefined;
      if (request) return process.stdout.write(`took ${request.want}\n`);
      await sleep(20);
    }
    return true;
  });
} catch (error) {
  process.stdout.write(`${error instanceof SitefleetError ? error.code : error}\n`);
}
process.exit();
