import { createHash } from "node:crypto";
import { keepFinding, keepsFindings, keptFinding } from "../../environment/kept.ts";
import type { Report } from "../problem.ts";
import { type ParsedYaml, parseYaml, type YamlFile, yamlFile } from "./yaml.ts";

/** Files in which a person may have written a secret by mistake: of them nothing is kept. */
const PRIVATE = /(^|[/\\])(secrets|notify|flows)\.yaml$/;

/**
 * What the YAML files of a catalog say, as earlier commands have parsed them: where one file has changed, the others are checked and not
 * parsed. Parsing is a third of reading a catalog of 1500 sites.
 */
export class KnownYaml {
  readonly #catalog: string;
  #known: ReadonlyMap<string, ParsedYaml> | undefined;
  readonly #now = new Map<string, ParsedYaml>();
  #isNew = false;

  /** @param catalog whose files they are: each has its own */
  constructor(catalog: string) {
    this.#catalog = catalog;
  }

  /** As `readYaml`: problems are reported, and a file with one is parsed each time. */
  read(file: string, text: string, report: Report): YamlFile | undefined {
    if (!keepsFindings() || PRIVATE.test(file)) return yamlFile(file, parseYaml(file, text, report));
    const digest = createHash("sha256").update(text).digest("base64");
    this.#known ??= keptFinding<ReadonlyMap<string, ParsedYaml>>(this.#subject()) ?? new Map();
    const known = this.#known.get(digest);
    let right = true;
    const tell: Report = (...finding) => {
      right = false;
      report(...finding);
    };
    const parsed = known ?? parseYaml(file, text, tell);
    if (parsed !== undefined && right) this.#now.set(digest, parsed);
    this.#isNew ||= known === undefined;
    return yamlFile(file, parsed);
  }

  /** Keeps what was read. */
  keep(): void {
    if (this.#isNew && this.#now.size > 0) keepFinding(this.#subject(), this.#now);
  }

  #subject() {
    return { kind: "yaml", name: this.#catalog, from: "" };
  }
}
