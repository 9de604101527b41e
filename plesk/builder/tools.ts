import { access, constants, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { SitefleetError } from "../../errors/index.ts";

/** How to get programs that builds use and machines often lack. */
const INSTALL: Readonly<Record<string, string>> = {
  composer: "install Composer (https://getcomposer.org/download/, Debian: apt install composer)",
  php: "install PHP's command line (Debian: apt install php-cli)",
  npm: "install Node.js with npm (https://nodejs.org/)",
  npx: "install Node.js with npm (https://nodejs.org/)",
  node: "install Node.js (https://nodejs.org/)",
  pnpm: "install pnpm (npm install --global pnpm, or corepack enable)",
  yarn: "install Yarn (npm install --global yarn, or corepack enable)",
  python3: "install Python 3 (Debian: apt install python3 python3-pip)",
  pip: "install pip (Debian: apt install python3-pip)",
  pip3: "install pip (Debian: apt install python3-pip)",
  git: "install git (Debian: apt install git)",
  prisma: "add prisma to the devDependencies of the service's package.json",
};

/** Programs that a step before cannot bring along: their absence is known before anything runs. */
const OF_THE_MACHINE = new Set(["composer", "php", "npm", "npx", "node", "python3", "git"]);

/**
 * Finds a program as a shell would: a path relative to `cwd`, else the first executable of that name on `path`.
 * @returns its absolute path, undefined when there is none
 */
export async function findProgram(name: string, path: readonly string[], cwd: string): Promise<string | undefined> {
  const candidates = name.includes("/") || isAbsolute(name) ? [resolve(cwd, name)] : path.map((dir) => join(dir, name));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      if ((await stat(candidate)).isFile()) return candidate;
    } catch {
      // Not here: the next.
    }
  }
  return undefined;
}

/** The error for a program that a step needs and that is nowhere. */
export function missingTool(program: string, subject: string, step: string): SitefleetError {
  return new SitefleetError({
    code: "build.tool-missing",
    subject,
    message: `step ${JSON.stringify(step)} needs ${program}, which is not on this machine`,
    hint: INSTALL[program] ?? `install ${program}, or correct the step in services.yaml`,
  });
}

/** The first step whose program can only come from this machine and does not. */
export async function firstMissing(
  steps: readonly { readonly name: string; readonly run: readonly string[] }[],
  path: readonly string[],
): Promise<{ readonly program: string; readonly step: string } | undefined> {
  for (const { name, run } of steps) {
    const program = run[0] ?? "";
    if (OF_THE_MACHINE.has(program) && (await findProgram(program, path, "/")) === undefined)
      return { program, step: name };
  }
  return undefined;
}
