import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { type Flow, type Flows, invalidCatalog, readFlows } from "../../model/index.ts";

/** The flows of a catalog; undefined where it declares none. @throws SitefleetError `catalog.invalid` */
export function declaredFlows(catalogDir: string): Flows | undefined {
  const read = readFlows(catalogDir);
  if (read === undefined) return undefined;
  if (read.flows === undefined) throw invalidCatalog(catalogDir, read.problems);
  return read.flows;
}

/** The same where flows are what is asked for. @throws SitefleetError `catalog.invalid`, `flows.none` */
export function requiredFlows(catalogDir: string): Flows {
  const flows = declaredFlows(catalogDir);
  if (flows !== undefined) return flows;
  throw new SitefleetError({
    code: "flows.none",
    message: "the catalog declares no user flows",
    subject: "flows.yaml",
    hint: "docs/guides/flows.md shows how they are written",
  });
}

/** Those that are named, in the catalog's order; all when none is. @throws SitefleetError `flow.unknown` */
export function chosenFlows({ flows }: Flows, names: readonly string[] = []): readonly Flow[] {
  const unknown = names.filter((name) => !flows.some(({ key }) => key === name));
  if (unknown.length > 0)
    throw new SitefleetError({
      code: "flow.unknown",
      message: `flows.yaml declares no flow ${unknown.join(", ")}`,
      hint: `it declares ${flows.map(({ key }) => key).join(", ")}`,
    });
  return names.length === 0 ? flows : flows.filter(({ key }) => names.includes(key));
}

/** The estate that a configuration file is about (`sitefleet:target`); empty when nothing says it. */
export function targetOf(configFile: string): string {
  const given = environment().SITEFLEET_TARGET;
  if (given) return given.trim();
  try {
    const config = (parse(readFileSync(configFile, "utf8"))?.config ?? {}) as Record<string, unknown>;
    return String(config["sitefleet:target"] ?? "").trim();
  } catch {
    return "";
  }
}
