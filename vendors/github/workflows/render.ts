import { Document } from "yaml";
import type { EstateOfWorkflows } from "../../ci.ts";
import { ACTIONS } from "./pieces.ts";
import type { Workflow } from "./shape.ts";

const VERSIONS = new Map<string, string>(Object.values(ACTIONS).map(({ at, version }) => [at, version]));

/** Checks of zizmor that are answered where they ask, with the reason. */
const ANSWERED: Readonly<Record<string, string>> = {
  // Its jobs run the base branch's program alone; of the change they read data (docs/guides/run-in-ci.md).
  "  pull_request_target:": "dangerous-triggers",
};

/** The file's text. Pure. */
export function renderWorkflow(
  { name, about, on, concurrency, jobs }: Workflow,
  { catalog = "catalog", config = "Pulumi.prod.yaml" }: EstateOfWorkflows = {},
): string {
  const where = {
    ...(catalog === "catalog" ? {} : { SITEFLEET_CATALOG: catalog }),
    ...(config === "Pulumi.prod.yaml" ? {} : { SITEFLEET_CONFIG_FILE: config }),
  };
  const env = Object.keys(where).length > 0 ? { env: where } : {};
  const full = Object.fromEntries(
    Object.entries(jobs).map(([id, job]) => [id, { "runs-on": "ubuntu-latest", ...job }]),
  );
  const document = new Document(
    { name, on, permissions: {}, ...env, concurrency, jobs: full },
    { aliasDuplicateObjects: false },
  );
  const text = document
    .toString({ lineWidth: 0, flowCollectionPadding: false })
    .replace(/^(\s*(?:- )?uses: (\S+))$/gm, (line, _, at) => `${line} # ${VERSIONS.get(at) ?? "of no known version"}`)
    .replace(/^ {2}pull_request_target:$/m, (line) => `${line} # zizmor: ignore[${ANSWERED[line]}]`);
  return [
    "# Made by `sitefleet ci workflows --write`; a change here is lost, and a test refuses it.",
    ...about.map((line) => `# ${line}`),
    text,
  ].join("\n");
}
