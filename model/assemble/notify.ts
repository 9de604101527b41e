import { existsSync } from "node:fs";
import { join } from "node:path";
import { collector, type Entry, type Report } from "../problem.ts";
import { readText } from "../read/text.ts";
import { readYaml, type YamlFile } from "../read/yaml.ts";
import { type Notify, NotifyFile } from "../shape/notify.ts";
import { checkShape, ONCE, salvage } from "./salvage.ts";

const NAME = "notify.yaml";
/** Fields that take a variable's name. A person may have written the secret itself: it is not repeated. */
const NAMES: ReadonlySet<unknown> = new Set(["webhook", "token", "server", "url", "secret", "api"]);

/** Reads notify.yaml. Undefined when it cannot be used; its problems have been reported. */
export function buildNotify(file: YamlFile, report: Report): Entry<Notify> | undefined {
  checkShape(file, NotifyFile, report, (path) => NAMES.has(path.at(-1)));
  return salvage(NotifyFile, file, [], file.value);
}

/**
 * Reads notify.yaml alone, as far as it can be used: a catalog with a mistake elsewhere must still be able to tell of it. Undefined when
 * there is none.
 */
export function readNotify(dir: string): Notify | undefined {
  if (!existsSync(join(dir, NAME))) return undefined;
  const { report } = collector();
  const text = readText(dir, NAME, report);
  const file = text && readYaml(text.file, text.text, report);
  return file && buildNotify(file, report)?.value;
}

/** What holds without notify.yaml. */
export const defaultNotify = (): Notify => NotifyFile.parse({}, ONCE);
