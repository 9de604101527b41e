import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { digestOf } from "../../stacks/digest.ts";

/** A state as the engine writes it, with so many resources beside the stack itself. */
export function stateOf(
  stack: string,
  {
    time = "2026-11-22T16:04:21.851659627Z",
    resources = 2,
    owner = stack,
    project = "sitefleet",
    salt = "v1:0sMs",
  } = {},
): object {
  const urn = (type: string, name: string) => `urn:pulumi:${owner}::${project}::${type}::${name}`;
  return {
    version: 3,
    checkpoint: {
      stack: `organization/${project}/${stack}`,
      latest: {
        manifest: { time, magic: "12f1", version: "v3.276.0" },
        secrets_providers: { type: "passphrase", state: { salt } },
        resources: [
          { urn: urn("pulumi:pulumi:Stack", `${project}-${owner}`), custom: false, type: "pulumi:pulumi:Stack" },
          ...Array.from({ length: resources }, (_, index) => ({
            urn: urn("vercel:index/project:Project", `site-${index}`),
            custom: true,
            id: `prj_${index}`,
            type: "vercel:index/project:Project",
            outputs: { name: `Zürich ${index}` },
          })),
        ],
        metadata: {},
      },
    },
  };
}

/** The text of a state, as the engine indents it. */
export const stateText = (stack: string, options: Parameters<typeof stateOf>[1] = {}): string =>
  `${JSON.stringify(stateOf(stack, options), undefined, 4)}\n`;

/** Writes below `.pulumi` of a directory that is a backend. @returns the file */
export function writeState(root: string, path: string, content: string | Uint8Array): string {
  const file = join(root, ".pulumi", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** Names and contents of everything below a directory, as one digest: changes with every byte, file and folder. */
export function digestOfDirectory(dir: string): string {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
  return digestOf(
    names.map((name) => {
      const file = join(dir, name);
      return [name, statSync(file).isDirectory() ? "" : readFileSync(file, "base64")];
    }),
  );
}
