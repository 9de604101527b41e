// A rotation as a process of its own, so that it can be killed: the machine and the driver are the real ones; what is declared and
// the values lie in a file in place of the catalog and the stack's state.
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { loginOf, type Rotation } from "../../../../model/rotation.ts";
import { type RotationPorts, rotateAll } from "../../../../operations/secrets/machine.ts";
import {
  type AccountTarget,
  changeAccounts,
  deploy,
  lookAtAccounts,
  parseDocument,
  parseTarget,
} from "../../../../plesk/index.ts";
import type { DeployDocumentInput } from "../../../../plesk/input.ts";

/** What the process works on: a file that is replaced as a whole. */
export interface RotationFile {
  rotation: Rotation;
  /** By generation. */
  values: Record<string, string>;
  readonly document: DeployDocumentInput;
  readonly administrator: { readonly user: string; readonly password: string };
}

/** The document with the login of one generation. */
export function withLogin(file: RotationFile, generation: number): DeployDocumentInput {
  const database = file.document.database!;
  const user = loginOf("svc", database.engine, generation, file.rotation);
  const password = file.values[generation] ?? "";
  const { host, port, name } = database;
  const env = { DB_HOST: host, DB_PORT: String(port), DB_NAME: name, DB_USER: user, DB_PASSWORD: password };
  return { ...file.document, database: { ...database, user, password }, env };
}

/** @param killAt Number of the effect after which the process kills itself; 0 = none. */
async function main(path: string, killAt: number): Promise<void> {
  let effects = 0;
  const file = JSON.parse(readFileSync(path, "utf8")) as RotationFile;
  const write = () => {
    writeFileSync(`${path}.new`, JSON.stringify(file));
    renameSync(`${path}.new`, path);
  };
  const effect = async <Value>(does: () => Value | Promise<Value>): Promise<Value> => {
    const value = await does();
    if (++effects === killAt) process.kill(process.pid, "SIGKILL");
    return value;
  };
  const engine = file.document.database!.engine;
  const target = (): AccountTarget => {
    const { current, next, retired, since, connection, window } = file.rotation;
    const logins = [current, next ?? retired].flatMap((generation) =>
      generation === undefined
        ? []
        : [{ generation, user: loginOf("svc", engine, generation, { window }), password: file.values[generation]! }],
    );
    const mark = { connection: connection ?? 0, secondsAgo: (Date.now() - Date.parse(since ?? "")) / 1000 || 0 };
    // A host's panel gives no such account.
    const administrator = window ? undefined : file.administrator;
    const names = [...new Set([1, 2, 3].map((one) => loginOf("svc", engine, one, { window })))];
    return { ...parseTarget(withLogin(file, current)), account: { owner: "svc", names, logins, administrator, mark } };
  };
  const ports: RotationPorts = {
    save: (rotations) =>
      effect(() => {
        file.rotation = rotations.get("S") as Rotation;
        write();
      }),
    values: () =>
      effect(() => {
        const { current, next, retired } = file.rotation;
        const wanted = [current, next, retired].filter((one) => one !== undefined).map(String);
        for (const one of wanted) file.values[one] ??= randomBytes(16).toString("hex");
        file.values = Object.fromEntries(Object.entries(file.values).filter(([one]) => wanted.includes(one)));
        write();
      }),
    accept: (generations) =>
      effect(async () => {
        const [outcome] = await changeAccounts([target()], {
          accept: generations.get("S") ?? [],
          window: file.rotation.window ?? false,
        });
        if (!outcome?.ok) throw outcome?.error;
        return new Map();
      }),
    deliver: () => effect(async () => void (await deploy(parseDocument(withLogin(file, file.rotation.current))))),
    look: async () => {
      const [outcome] = await lookAtAccounts([target()]);
      if (!outcome?.ok) throw outcome?.error;
      return new Map([["S", { before: outcome.value.before, connection: outcome.value.connection }]]);
    },
    now: () => Date.now(),
  };
  const [result] = await rotateAll([{ name: "S", rotation: file.rotation }], ports, 0);
  process.stdout.write(JSON.stringify({ ...result, effects }));
}

if (process.argv[2] !== undefined && process.argv[1] === import.meta.filename)
  await main(process.argv[2], Number(process.argv[3] ?? 0));
