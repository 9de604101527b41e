import { type ServerLogin, sql } from "../databases/index.ts";

/** The database of a service, as its own program uses it. */
export interface Database {
  /** Runs statements. Values of the template become literals that nothing can break out of. @throws SitefleetError `sandbox.database` */
  run(parts: TemplateStringsArray, ...values: readonly (string | number)[]): Promise<string[][]>;
}

/**
 * Opens a service's database. Tables belong to the service's user, so that its snapshots hold them.
 *
 * @param create statements that make the tables, run each time: a restored snapshot may lack them
 */
export function openDatabase(server: ServerLogin, database: string, owner: string, create: string): Database {
  const literal = (value: string | number): string => {
    if (typeof value === "number") return String(value);
    const hex = Buffer.from(value, "utf8").toString("hex");
    return server.engine === "mariadb"
      ? `CONVERT(X'${hex}' USING utf8mb4)`
      : `convert_from(decode('${hex}', 'hex'), 'UTF8')`;
  };
  const before = server.engine === "mariadb" ? "" : `SET client_min_messages = error; SET ROLE "${owner}";\n`;
  return {
    async run(parts, ...values) {
      const text = parts.reduce((all, part, index) => all + literal(values[index - 1] ?? "") + part);
      const said = await sql(server, `${before}${create}\n${text};\n`, { database });
      return said
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split("\t"));
    },
  };
}
