import { type Entry, type Place, type Report, show } from "../problem.ts";
import type { Database, Service } from "../service-types.ts";
import { IDENTIFIER_MAX } from "../shape/services.ts";

/** No two services share a key, a directory, a database or a secret. */
export function checkUnique(services: readonly Entry<Service>[], report: Report): void {
  const taken = new Map<string, Place>();
  const take = (what: string, value: string | undefined, place: Place) => {
    if (value === undefined) return;
    const first = taken.get(`${what} ${value}`);
    if (first === undefined) taken.set(`${what} ${value}`, place);
    else
      report("service.unique", place, `${what} ${show(value)} is taken in line ${first.line}`, `a ${what} of its own`);
  };
  // Where an external server is stands in the configuration: it may be the host's own.
  const elsewhere = new Map<string, Place>();
  const apart = (database: Database, name: string, place: Place): boolean => {
    const other = database.location === "plesk" ? "external" : "plesk";
    const first = elsewhere.get(`${other} ${database.engine} ${name}`);
    if (first) {
      const wrong = `database ${show(name)} is taken in line ${first.line} with location ${other}, which may be the same server`;
      report("service.unique", place, wrong, "a name of its own");
    }
    const own = `${database.location} ${database.engine} ${name}`;
    if (!elsewhere.has(own)) elsewhere.set(own, place);
    return first === undefined;
  };
  for (const { value, at } of services) {
    const { database } = value;
    // PostgreSQL cuts a longer name silently, so it may be the database itself that a proof empties.
    if (database?.scratch && database.scratch.length > IDENTIFIER_MAX) {
      const wrong = `the scratch database would be called ${show(database.scratch)}, which has ${database.scratch.length} characters`;
      const allowed = `a shorter name, or scratch with at most ${IDENTIFIER_MAX}`;
      report("service.unique", at("database", "name"), wrong, allowed);
    }
    // The scratch database's name follows from the other's where it is not given: one problem is enough.
    if (database && apart(database, database.name, at("database", "name")) && database.scratch)
      apart(database, database.scratch, at("database", "scratch"));
    take("key", value.key, at("key"));
    take("path", `${value.server}:${value.path}`, at("path"));
    const server = database?.location === "plesk" ? value.server : "external";
    take("database", database && `${database.engine} ${server} ${database.name}`, at("database", "name"));
    take(
      "database",
      database?.scratch ? `${database.engine} ${server} ${database.scratch}` : undefined,
      at("database", "scratch"),
    );
    take("secret", database?.userSecret, at("database", "userSecret"));
    take("secret", database?.passwordSecret, at("database", "passwordSecret"));
  }
}

/** No service lies where another one keeps its files. */
export function checkNested(services: readonly Entry<Service>[], report: Report): void {
  const placeOf = ({ value: { server, path } }: Entry<Service>): string => `${server}:${path}`;
  const owners = new Map(services.map((entry) => [placeOf(entry), entry]));
  // Where the driver keeps releases and shared data, see `plesk/commands/layout.ts`.
  const keepers = new Map(services.map((entry) => [`${placeOf(entry)}.sitefleet`, entry]));
  for (const entry of services) {
    const { path, key, server } = entry.value;
    const tell = (owner: Entry<Service>, what: string) => {
      const wrong = `${show(path)} of ${key} lies inside ${what} of ${owner.value.key} (line ${owner.at("path").line})`;
      const allowed = "directories side by side: an upload deletes what it does not know";
      report("service.nested", entry.at("path"), wrong, allowed);
    };
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const around = `${server}:${path.slice(0, end)}`;
      // The same path twice is told by `service.unique`.
      const owner = end === path.length ? undefined : owners.get(around);
      if (owner && owner !== entry) tell(owner, show(owner.value.path));
      const keeper = keepers.get(around);
      if (keeper && keeper !== entry) tell(keeper, `${show(path.slice(0, end))}, which holds the releases and data`);
    }
  }
}
