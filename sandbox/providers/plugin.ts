import { basename } from "node:path";
import { launch } from "../../provider/framework/launch.ts";
import { loadProvider } from "./registry.ts";

// The engine runs `pulumi-resource-NAME <engine address> [flags]`; the launcher passes NAME and its own parent first.
const [name = "", parent = ""] = process.argv.slice(2);

loadProvider(basename(name).replace(/^pulumi-resource-/, ""))
  .then((definition) => launch(definition, Number(parent)))
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
