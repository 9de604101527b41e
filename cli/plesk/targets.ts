import { type Catalog, formatProblem, invalidCatalog, loadCatalog, readServices } from "../../catalog/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { type DeployDocument, parseDocument, parseTarget, type Target } from "../../plesk/index.ts";
import { readArtifacts } from "../../stacks/artifacts.ts";
import { desiredState, type PleskState } from "../../stacks/desired.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import { chooseServices, documentsOf } from "../../stacks/plesk-documents.ts";
import { PROJECT_ROOT } from "../../stacks/program.ts";
import type { Context } from "../context.ts";
import { plural, say } from "../output/style.ts";
import { gatherSecrets, readPlainSettings, type Wanted } from "./secrets.ts";

/** Name of the project in Pulumi.yaml: with the stack's name it says whose a service is. */
const OWNER = `sitefleet/${PLESK_STACK}`;

/**
 * The services of the catalog without their artifacts: what everything but planning and deploying works with. A catalog with problems
 * elsewhere does not stop it.
 */
export async function openTargets(
  context: Context,
  keys: readonly string[],
  wanted: Wanted = { databases: "none" },
): Promise<Target[]> {
  const { documents } = await open(context, keys, wanted, false);
  return documents.map((document) => {
    const { database, ...target } = parseTarget(document);
    // One that is only named can be asked nothing.
    return database === undefined || database.password === "" ? target : { ...target, database };
  });
}

/** The services of the catalog with their built artifacts; one that is not there is its own service's refusal, when the driver reads it. */
export async function openDocuments(context: Context, keys: readonly string[]): Promise<DeployDocument[]> {
  const { documents } = await open(context, keys, { databases: "if-known" }, true);
  return documents.map((document) => parseDocument(document));
}

/** Problems of the catalog that are told, when they do not stop anything. */
const TOLD = 5;

/**
 * The catalog for what must work in an emergency: with the services that can be read. The others are told.
 *
 * @throws SitefleetError `catalog.invalid` when a service that was asked for cannot be read, or none can
 */
function readableCatalog(dir: string, keys: readonly string[]): Catalog {
  const { catalog, problems, left } = readServices(dir);
  if (problems.length === 0) return catalog;
  const missing = keys.some((key) => catalog.services.every((service) => service.key !== key));
  if (missing || catalog.services.length === 0) throw invalidCatalog(dir, problems);
  say(`warning: the catalog has ${plural(problems.length, "problem")}; \`sitefleet validate\` lists all`);
  for (const problem of problems.slice(0, TOLD)) say(`  ${formatProblem(problem)}`);
  if (keys.length === 0 && left.length > 0) {
    say(`warning: left out: ${left.join(", ")}`);
    // All were asked for.
    process.exitCode ||= 1;
  }
  return catalog;
}

async function open(context: Context, keys: readonly string[], wanted: Wanted, artifacts: boolean) {
  const catalog = artifacts ? loadCatalog(context.catalogDir) : readableCatalog(context.catalogDir, keys);
  const chosen = {
    ...catalog,
    services: catalog.services.filter(({ key }) => keys.length === 0 || keys.includes(key)),
  };
  const all = pleskState(catalog);
  const services = chooseServices(all, keys);
  const built = artifacts ? pleskState(chosen, await readArtifacts(chosen, PROJECT_ROOT)) : all;
  const settings = readPlainSettings(context.configFile);
  const state: PleskState = { ...all, hosts: hostsOf(all, services), services };
  const known = await gatherSecrets(state, context.configFile, wanted);
  for (const reason of known.missing) say(`note: ${reason}`);
  const named = chooseServices(
    built,
    services.map(({ key }) => key),
  );
  return { documents: documentsOf(all, named, settings.hosts, known, OWNER) };
}

function hostsOf(state: PleskState, services: PleskState["services"]): PleskState["hosts"] {
  const used = new Set(services.map(({ server }) => server));
  return state.hosts.filter(({ key }) => used.has(key));
}

function pleskState(
  catalog: Parameters<typeof desiredState>[0],
  artifacts?: Parameters<typeof desiredState>[2],
): PleskState {
  const state = desiredState(catalog, PLESK_STACK, artifacts);
  if (state?.kind === "plesk" && state.services.length > 0) return state;
  throw new SitefleetError({ code: "service.none", message: "the catalog has no services", subject: catalog.dir });
}
