import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { environment } from "../../environment/index.ts";
import { programOnPath } from "../../environment/programs.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { pulumi } from "../backend/pulumi.ts";

const CACHE = join(PROJECT_ROOT, "node_modules", ".cache", "sitefleet", "engine-version.json");

/** What was asked last. */
interface Known {
  /** The program: where it lies, how large it is and when it was written. */
  readonly program: string;
  readonly version: string;
}

/**
 * What `pulumi version` says, e.g. `v3.276.0`; undefined when it says nothing. An answer is kept with the program's file: starting it
 * takes 0.3 CPU seconds, before the first stack of every command. Never rejects.
 *
 * @param cache where it is kept. @default in node_modules/.cache
 */
export async function engineVersion(
  env: NodeJS.ProcessEnv = environment(),
  cache: string = CACHE,
): Promise<string | undefined> {
  const program = programOf(env.PATH ?? "");
  if (program === undefined) return undefined;
  const known = read(cache);
  if (known?.program === program) return known.version;
  const asked = pulumi(["version"], { env });
  const version = await asked.then(
    (said) => said.trim(),
    () => undefined,
  );
  if (version !== undefined) keep(cache, { program, version });
  return version;
}

/** The `pulumi` on a path, with what changes when it is replaced. */
function programOf(path: string): string | undefined {
  const found = programOnPath("pulumi", path);
  if (found === undefined) return undefined;
  try {
    const file = realpathSync(found);
    const { size, mtimeMs, ino } = statSync(file);
    return [file, size, mtimeMs, ino].join(" ");
  } catch {
    return undefined;
  }
}

function read(cache: string): Known | undefined {
  try {
    const { program, version } = JSON.parse(readFileSync(cache, "utf8")) as Partial<Known>;
    return typeof program === "string" && typeof version === "string" ? { program, version } : undefined;
  } catch {
    return undefined;
  }
}

/** By a rename: others read it meanwhile. What cannot be kept is asked again. */
function keep(cache: string, known: Known): void {
  try {
    mkdirSync(dirname(cache), { recursive: true });
    writeFileSync(`${cache}.${process.pid}`, JSON.stringify(known));
    renameSync(`${cache}.${process.pid}`, cache);
  } catch {}
}
