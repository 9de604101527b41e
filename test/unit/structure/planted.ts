import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The project that is checked: its rules are what the tests plant examples against. */
export const ROOT = resolve(import.meta.dirname, "../../..");

/** What a check of `.ci/run` said. */
export interface Said {
  /** Exit code. */
  readonly code: number;
  /** Both streams. */
  readonly text: string;
}

/** Runs a check of `.ci/run` on a tree that holds only these files. @param files content by path */
export async function checkTree(
  files: Readonly<Record<string, string>>,
  program: "depcruise" | "knip" | "tsc",
  args: readonly string[],
): Promise<Said> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-structure-"));
  try {
    for (const [path, text] of Object.entries({ "package.json": '{ "type": "module" }', ...files })) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    return await run(join(ROOT, "node_modules/.bin", program), args, dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], cwd: string): Promise<Said> {
  return new Promise((done, fail) => {
    execFile(program, args, { cwd, env: { ...process.env, NO_COLOR: "1" } }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") done({ code, text: stdout + stderr });
      else fail(error);
    });
  });
}
