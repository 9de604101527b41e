import { statSync } from "node:fs";
import { environment } from "../../environment/index.ts";
import { engineVersion } from "../../fleet/engine/engine-version.ts";
import { atLeast, needLines, openEncryption, readConfigFile, versions } from "../../fleet/run/needs/index.ts";
import { type Catalog, checkCatalog, formatProblem, type Problem } from "../../model/index.ts";
import type { StackKind } from "../../vendors/calls.ts";
import { type Check, check, fault, type Line, ok, warning } from "../../vendors/checkup.ts";
import { dnsVendors } from "../../vendors/index.ts";

/** Problems of the catalog that have a line of their own. */
const SHOWN = 10;

/** The catalog, and what is wrong with it. */
export interface ReadCatalog {
  readonly catalog?: Catalog;
  readonly problems: readonly Problem[];
}

/** Judges the catalog. Pure. */
function judgeCatalog({ catalog, problems }: ReadCatalog): Line[] {
  const id = "catalog";
  if (catalog !== undefined) {
    const { sites, zones, services, releases, approvers } = catalog;
    return [
      ok(
        id,
        `sites: ${sites.length}, zones: ${zones.length}, services: ${services.length}, channels: ${Object.keys(releases).length}`,
      ),
      ok(
        "approvals",
        approvers === undefined
          ? "no approvers.yaml: gates that ask for an approval only say so"
          : `${approvers.length} of approvers.yaml may approve`,
      ),
    ];
  }
  const shown = problems
    .slice(0, SHOWN)
    .map((problem) => fault(id, formatProblem(problem), "correct it, then: sitefleet validate"));
  const more = problems.length - SHOWN;
  return more > 0 ? [...shown, fault(id, `${more} more problems`, "sitefleet validate")] : shown;
}

/** Reads the catalog; undefined in it when it has problems. */
export function readCatalog(dir: string): ReadCatalog {
  return checkCatalog(dir, dnsVendors());
}

/** Judges the two programs whose versions matter. Pure. @param engine as it says it; undefined when it says nothing */
function judgeVersions(node: string, engine: string | undefined, minimum: { node: string; engine: string }): Line[] {
  const lines = [
    atLeast(node, minimum.node)
      ? ok("tools.node", node)
      : fault(
          "tools.node",
          `Node is ${node}, and the project needs ${minimum.node}`,
          "npm run setup, then npx sitefleet",
        ),
  ];
  if (engine === undefined) return lines;
  const id = "tools.version";
  return [
    ...lines,
    atLeast(engine, minimum.engine)
      ? ok(id, `pulumi ${engine}`)
      : fault(
          id,
          `pulumi is ${engine}, and the project needs ${minimum.engine}`,
          "npm run setup, then put .toolchain/bin first in PATH",
        ),
  ];
}

/** Whether others can read the file with the passphrase. Pure. @param mode as the system has it */
function judgePassphraseFile(file: string, mode: number): Line[] {
  if ((mode & 0o077) === 0) return [ok("passphrase.file", "only its owner can read it")];
  return [warning("passphrase.file", "others on this machine can read the passphrase", `chmod 600 ${file}`)];
}

/**
 * What is known on this machine, without calling a vendor.
 *
 * @param catalog that of `read`, or one that declares nothing
 */
export function localChecks(
  read: ReadCatalog,
  catalog: Catalog,
  kinds: ReadonlySet<StackKind>,
  configFile: string,
): Check[] {
  const env = environment();
  const { PULUMI_CONFIG_PASSPHRASE: text, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  const minimum = () => {
    const { node, pulumi } = versions();
    return { node: node.minimum, engine: pulumi.minimum };
  };
  return [
    check("catalog", "the catalog", () => read, judgeCatalog),
    check(
      "tools.version",
      "the engine",
      async () => ({ node: process.version, engine: await engineVersion(env), minimum: minimum() }),
      (facts) => judgeVersions(facts.node, facts.engine, facts.minimum),
    ),
    check(
      "settings.file",
      "the configuration file",
      () => readConfigFile(configFile),
      (content) => needLines(content, catalog, kinds, env),
    ),
    check(
      "passphrase",
      "the passphrase",
      () => {
        // That there is none is told by its own name.
        readConfigFile(configFile);
        return openEncryption(configFile, env);
      },
      (opened) => [
        ok(
          "passphrase",
          opened
            ? "it opens the configuration file, whose salt is that of the states"
            : "the key is kept elsewhere: by a key service or the backend",
        ),
      ],
    ),
    ...(file && text === undefined
      ? [
          check(
            "passphrase.file",
            "the file of the passphrase",
            () => statSync(file).mode,
            (mode) => judgePassphraseFile(file, mode),
          ),
        ]
      : []),
  ];
}
