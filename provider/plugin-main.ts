// The plugin as the engine starts it (`provider/bin/pulumi-resource-sitefleet`): one process an engine.
import { launch } from "./framework/launch.ts";
import { sitefleet } from "./sitefleet.ts";

const [parent = ""] = process.argv.slice(2);

launch(sitefleet, Number(parent)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
