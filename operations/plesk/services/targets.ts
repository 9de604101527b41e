import { SitefleetError } from "../../../errors/index.ts";
import { type Catalog, invalidCatalog, loadCatalog, readServices } from "../../../model/index.ts";
import {
  type DeployDocument,
  type DeployDocumentInput,
  parseDocument,
  parseTarget,
  type Target,
} from "../../../plesk/index.ts";
import { readArtifacts } from "../../../stacks/artifacts.ts";
import { desiredState, type PleskState } from "../../../stacks/desired.ts";
import { PLESK_STACK } from "../../../stacks/names.ts";
import { chooseServices, documentsOf } from "../../../stacks/plesk-documents.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import type { Tools } from "../../kit/operation.ts";
import type { ServiceEvent } from "./events.ts";
import { gatherSecrets, readPlainSettings, type Wanted } from "./secrets.ts";

/** Name of the project in Pulumi.yaml: with the stack's name it says whose a service is. */
const OWNER = `sitefleet/${PLESK_STACK}`;

type Opening = Pick<Tools<ServiceEvent>, "estate" | "emit">;

/** Services that were opened. */
export interface Opened<One> {
  readonly targets: One[];
  /** Services that cannot be read, where all were asked for. */
  readonly leftOut: readonly string[];
}

/**
 * The services of the catalog without their artifacts: what everything but planning and deploying works with. A catalog with problems
 * elsewhere does not stop it.
 */
export async function openTargets(
  tools: Opening,
  keys: readonly string[] = [],
  wanted: Wanted = { databases: "none" },
): Promise<Opened<Target>> {
  const readable = readableCatalog(tools, keys);
  const documents = await open(tools, keys, wanted, readable.catalog);
  return { targets: documents.map(targetOf), leftOut: readable.leftOut };
}

/** The services of a declared state: what goes by a state that was kept, whatever the catalog says now. */
export async function openDeclared(
  tools: Opening,
  state: PleskState,
  keys: readonly string[],
  wanted: Wanted,
): Promise<Target[]> {
  return (await documentsIn(tools, keys, wanted, state, state)).map(targetOf);
}

function targetOf(document: DeployDocumentInput): Target {
  const { database, ...target } = parseTarget(document);
  // One that is only named can be asked nothing.
  return database === undefined || database.password === "" ? target : { ...target, database };
}

/** The services of the catalog with their built artifacts; one that is not there is its own service's refusal, when the driver reads it. */
export async function openDocuments(
  tools: Opening,
  keys: readonly string[] = [],
  wanted: Wanted = { databases: "if-known" },
): Promise<Opened<DeployDocument>> {
  const catalog = loadCatalog(tools.estate.catalogDir);
  const chosen = {
    ...catalog,
    services: catalog.services.filter(({ key }) => keys.length === 0 || keys.includes(key)),
  };
  const artifacts = { catalog: chosen, found: await readArtifacts(chosen, PROJECT_ROOT) };
  const documents = await open(tools, keys, wanted, catalog, artifacts);
  return { targets: documents.map((document) => parseDocument(document)), leftOut: [] };
}

/**
 * The catalog for what must work in an emergency: with the services that can be read. The others are told.
 *
 * @throws SitefleetError `catalog.invalid` when a service that was asked for cannot be read, or none can
 */
function readableCatalog({ estate, emit }: Opening, keys: readonly string[]) {
  const { catalog, problems, left } = readServices(estate.catalogDir);
  if (problems.length === 0) return { catalog, leftOut: [] };
  const missing = keys.some((key) => catalog.services.every((service) => service.key !== key));
  if (missing || catalog.services.length === 0) throw invalidCatalog(estate.catalogDir, problems);
  emit({ event: "catalog-problems", problems });
  const leftOut = keys.length === 0 ? left : [];
  if (leftOut.length > 0) emit({ event: "left-out", services: [...leftOut] });
  return { catalog, leftOut };
}

async function open(
  tools: Opening,
  keys: readonly string[],
  wanted: Wanted,
  catalog: Catalog,
  artifacts?: { readonly catalog: Catalog; readonly found: Parameters<typeof desiredState>[2] },
) {
  const all = pleskState(catalog);
  return documentsIn(tools, keys, wanted, all, artifacts ? pleskState(artifacts.catalog, artifacts.found) : all);
}

/** @param built the same state with the artifacts that lie there */
async function documentsIn(
  { estate, emit }: Opening,
  keys: readonly string[],
  wanted: Wanted,
  all: PleskState,
  built: PleskState,
): Promise<DeployDocumentInput[]> {
  const services = chooseServices(all, keys);
  const settings = readPlainSettings(estate.configFile);
  const state: PleskState = { ...all, hosts: hostsOf(all, services), services };
  const known = await gatherSecrets(state, estate.configFile, wanted);
  for (const reason of known.missing) emit({ event: "unknown-secret", reason });
  const named = chooseServices(
    built,
    services.map(({ key }) => key),
  );
  return documentsOf(all, named, settings.hosts, known, OWNER);
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
