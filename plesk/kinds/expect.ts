/** What a step showed. */
interface Shown {
  /** What the program printed on stdout. */
  readonly output: string;
  /** Text of the files of the release that the expectation names, by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** What a step has to show besides ending with 0, which many tools do after they did nothing. */
export interface Expectation {
  /** Patterns of a shell for files of the release that the judge reads. @default none */
  readonly files?: readonly string[];
  /** Says what is wrong; undefined when nothing is. Pure. */
  judge(shown: Shown): string | undefined;
}

const cut = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** The JSON in a text before which a program may have logged; undefined when there is none. */
function json(text: string): unknown {
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (!/^\s*[[{"]/.test(line)) continue;
    try {
      return JSON.parse(lines.slice(index).join("\n"));
    } catch {
      // A line of a log that begins with a bracket.
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** A list of what is left to do, which must be empty. Drush prints nothing, `[]` or `{}` for an empty list, and ends with 0 for any list. */
export function nothingListed(what: string): Expectation {
  return {
    judge: ({ output }) => {
      if (output.trim() === "") return undefined;
      const found = json(output);
      if (!isObject(found)) return `says something else than a list of ${what}: ${cut(output.trim())}`;
      const names = Array.isArray(found) ? found.map((item) => JSON.stringify(item)) : Object.keys(found);
      return names.length === 0 ? undefined : `${what}: ${cut(names.join(", "))}`;
    },
  };
}

/** A value, printed alone. */
export function value(what: string, allowed: readonly string[]): Expectation {
  return {
    judge: ({ output }) =>
      allowed.includes(output.trim()) ? undefined : `${what} is ${cut(output.trim()) || "not set"}`,
  };
}

/** Two versions in a list of JSON: of the code, and of the database that it works on. */
export const sameVersions: Expectation = {
  judge: ({ output }) => {
    const found = json(output);
    const [code, database] = Array.isArray(found) ? found : [];
    if (typeof code !== "string" || typeof database !== "string") return `tells no versions: ${cut(output.trim())}`;
    return code === database ? undefined : `the database is of version ${database}, the code of ${code}`;
  },
};

/** Alembic marks what is up to date with `(head)`; it prints nothing for a database that no revision has been applied to. */
export const atHead: Expectation = {
  files: ["alembic/versions/*.py", "migrations/versions/*.py"],
  judge: ({ output, files }) => {
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    if (lines.length === 0) return files.size === 0 ? undefined : "no revision has been applied";
    const behind = lines.filter((line) => !line.includes("(head)"));
    return behind.length === 0 ? undefined : `not at the head: ${cut(behind.join(", "))}`;
  },
};

/** Prisma's own words. Before 4.3.0 it ended with 0 whatever it found. */
export const upToDate: Expectation = {
  judge: ({ output }) =>
    /schema is up to date/i.test(output)
      ? undefined
      : `does not say that the schema is up to date: ${cut(output.trim())}`,
};

/** Matomo's update without a yes: titles between stars announce what is left, in whichever language. */
export const nothingAnnounced: Expectation = {
  judge: ({ output }) => {
    if (output.trim() === "") return "says nothing, neither that updates are left nor that none is";
    return /^\s*\*\*\* .+ \*\*\*\s*$/m.test(output) ? `updates are left: ${cut(output.trim())}` : undefined;
  },
};

/** One line of a list of requirements; undefined for options, addresses and what holds only elsewhere. */
function requirement(line: string): { readonly name: string; readonly version: string | undefined } | undefined {
  const text = line
    .replace(/\s*(?:#|--hash).*$/, "")
    .replace(/\\\s*$/, "")
    .trim();
  if (text === "" || text.startsWith("-") || /[;@/]/.test(text)) return undefined;
  const [, name, version] = /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:==\s*([^\s,*]+))?/.exec(text) ?? [];
  return name === undefined ? undefined : { name, version };
}

const packageName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");
/** Versions that pip takes for equal (PEP 440) are compared without closing zeros and local parts. */
const release = (version: string): string =>
  version
    .toLowerCase()
    .replace(/\+.*$/, "")
    .replace(/^v/, "")
    .replace(/(?:\.0)+$/, "");

/** What `requirements.txt` names is what pip lists. */
export const installed: Expectation = {
  files: ["requirements.txt"],
  judge: ({ output, files }) => {
    const found = json(output);
    if (!Array.isArray(found)) return `lists no packages: ${cut(output.trim())}`;
    const there = new Map(
      found.filter(isObject).map(({ name, version }) => [packageName(String(name)), release(String(version))]),
    );
    const wanted = [...files.values()].flatMap((text) => text.split("\n").flatMap((line) => requirement(line) ?? []));
    const missing = wanted.filter(({ name, version }) => {
      const has = there.get(packageName(name));
      return has === undefined || (version !== undefined && has !== release(version));
    });
    return missing.length === 0 ? undefined : `not installed: ${cut(missing.map(({ name }) => name).join(", "))}`;
  },
};

/** Docker prints a list, or a document a line, by its version. */
function containers(output: string): Record<string, unknown>[] {
  const whole = json(output);
  if (Array.isArray(whole)) return whole.filter(isObject);
  return output.split("\n").flatMap((line) => {
    const one = json(line);
    return isObject(one) ? [one] : [];
  });
}

/** The containers of the release's composition run, in good health, with the images that it names. */
export const running: Expectation = {
  files: ["docker-compose.yml"],
  judge: ({ output, files }) => {
    const all = containers(output);
    if (all.length === 0) return "no container is there";
    const bad = all.filter(
      ({ State, Health }) => State !== "running" || !["", "healthy", undefined].includes(Health as string),
    );
    if (bad.length > 0)
      return cut(bad.map(({ Service, State, Health }) => `${Service} is ${State} ${Health ?? ""}`.trim()).join(", "));
    const text = [...files.values()].join("\n");
    const images = [...text.matchAll(/^\s*image:\s*["']?([^\s"'#]+)/gm)].map((match) => match[1] ?? "");
    // What stands for a variable is known to docker alone, and earlier versions of it do not name images.
    const known = images.filter((image) => !image.includes("$"));
    const run = all.flatMap(({ Image }) => (typeof Image === "string" && Image !== "" ? [Image] : []));
    const missing = run.length === 0 ? [] : known.filter((image) => !run.includes(image));
    return missing.length === 0 ? undefined : `runs ${cut(run.join(", "))}, not ${cut(missing.join(", "))}`;
  },
};

/** Each dashboard of the release is where Grafana looks for them: a container that mounts none starts as well. */
export const provisioned: Expectation = {
  files: ["provisioning/dashboards/*.json"],
  judge: ({ output, files }) => {
    const there = new Set(output.split("\n").map((line) => line.trim()));
    const missing = [...files.keys()].filter((path) => !there.has(path.split("/").at(-1) ?? ""));
    return missing.length === 0 ? undefined : cut(`the container does not see ${missing.join(", ")}`);
  },
};

/**
 * What the release's workflows are is what n8n exports: the same nodes, and active where the file says so. An import switches every
 * workflow off, and ends with 0 when it failed.
 */
export const workflows: Expectation = {
  files: ["workflows/*.json"],
  judge: ({ output, files }) => {
    const found = json(output);
    if (!Array.isArray(found)) return `exports no workflows: ${cut(output.trim())}`;
    const there = found.filter(isObject);
    const nodesOf = ({ nodes }: Record<string, unknown>): string =>
      JSON.stringify((Array.isArray(nodes) ? nodes.filter(isObject) : []).map(({ name, type }) => [name, type]).sort());
    const wrong = [...files].flatMap(([path, text]) => {
      const file = json(text);
      if (!isObject(file)) return [`${path} is no workflow`];
      const { id, name, active } = file;
      const same = there.filter((one) => (id === undefined ? one.name === name : one.id === id));
      if (same.length === 0) return [`${path} is not imported`];
      if (!same.some((one) => nodesOf(one) === nodesOf(file))) return [`${path} is imported with other nodes`];
      if (active !== true || same.some((one) => one.active === true)) return [];
      return [
        id === undefined ? `${path} is to be active and has no id by which to switch it on` : `${path} is not active`,
      ];
    });
    return wrong.length === 0 ? undefined : cut(wrong.join(", "));
  },
};

/** Path of the web hook that answers with a signature of its own. */
const SIGNING = "sitefleet-notify";

/**
 * The production web hooks of workflows that are ours answer. n8n says of a workflow that it is active also where its web hook is not
 * registered (404), so they are called. What is not ours is not: a call would start it.
 */
export const answered: Expectation = {
  files: ["workflows/*.json"],
  judge: ({ output, files }) => {
    const found = json(output);
    if (!Array.isArray(found)) return `tells of no web hooks: ${cut(output.trim())}`;
    const answers = new Map(found.filter(isObject).map((one) => [one.path, one]));
    const wrong = [...files.values()].flatMap((text) => {
      const file = json(text);
      if (!isObject(file) || file.active !== true || !Array.isArray(file.nodes)) return [];
      return file.nodes.filter(isObject).flatMap(({ type, parameters }) => {
        const path = isObject(parameters) ? parameters.path : undefined;
        if (type !== "n8n-nodes-base.webhook" || typeof path !== "string" || !path.startsWith("sitefleet-")) return [];
        const { status, signed, secret } = answers.get(path) ?? {};
        if (typeof status !== "number" || status === 0) return [`the web hook ${path} does not answer`];
        if (status === 404) return [`the web hook ${path} is not registered`];
        if (path !== SIGNING || secret !== true) return [];
        if (status !== 200) return [`the web hook ${path} answers ${status} to a signed call`];
        return signed === true ? [] : [`the web hook ${path} does not sign its answer`];
      });
    });
    return wrong.length === 0 ? undefined : cut(wrong.join(", "));
  },
};
