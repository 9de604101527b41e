import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { readRules } from "../../fleet/alerts/index.ts";
import { grafanaFiles, monitoringFiles } from "./files.ts";

// node toolchain/run.mjs operations/alerts/generate.ts: writes monitoring/, and the dashboards of the sample's grafana service.
const root = new URL("../../", import.meta.url);
const write = (folder: string, files: readonly { readonly name: string; readonly text: string }[]) => {
  for (const { name, text } of files) {
    const file = fileURLToPath(new URL(`${folder}/${name}`, root));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
};
write("monitoring", monitoringFiles(readRules(fileURLToPath(new URL("catalog", root)))));
write("catalog/sample/artifacts/grafana/provisioning", grafanaFiles());
