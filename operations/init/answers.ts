import { z } from "zod";
import { FRAMEWORKS, HOST_PROFILES, MOST_CELLS, NEW_CELLS, normaliseName } from "../../model/index.ts";

const text = (pattern: RegExp, allowed: string) => z.string().regex(pattern, { error: `takes ${allowed}` });
const repository = () => text(/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/, "owner/name");
const file = () => z.string().min(1, { error: "takes the path of a file" });

/** A zone as it is answered. */
const zoneAnswer = z.strictObject({
  name: z.string().refine((name) => "name" in normaliseName(name) && name.includes("."), {
    error: "takes an apex domain, e.g. example.com",
  }),
  kind: z.enum(["cname", "wildcard"]).default("cname").describe("see docs/reference/catalog.md"),
  mode: z
    .enum(["existing", "create", "skip"])
    .optional()
    .describe("default: existing where the token sees it, else create"),
});

/** A site as it is answered. */
const siteAnswer = z.strictObject({
  host: z.string().refine((host) => "name" in normaliseName(host) && host.includes("."), {
    error: "takes a host name, e.g. shop.example.com",
  }),
  repository: repository(),
  rootDirectory: text(/^(?!\/)(?!.*\.\.)[\w@./-]*$/, "a directory below the repository's root").default(""),
  framework: z.enum(FRAMEWORKS).nullable().default(null),
  branch: z.string().min(1).optional().describe("its newest commit is pinned; default: the repository's own branch"),
  commit: text(/^[0-9a-f]{40}$/, "a commit, 40 hex digits")
    .optional()
    .describe("in place of a branch"),
});

/** A host as it is answered. */
const hostAnswer = z.strictObject({
  key: text(/^[a-z][a-z0-9-]{0,30}$/, "lower case letters, digits and hyphens"),
  address: text(/^[A-Za-z0-9][A-Za-z0-9.:-]*$/, "a host name or an address"),
  port: z.int().min(1).max(65535).default(22),
  user: text(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/, "a login name"),
  root: text(/^\/[^\0\n]*$/, "an absolute path on the host"),
  profile: z.enum(HOST_PROFILES).default("generic"),
  fingerprint: text(/^SHA256:[A-Za-z0-9+/]{43}=?$/, "a fingerprint as ssh-keygen -lf writes it, SHA256:…")
    .optional()
    .describe("as the hoster publishes it; the key that the host shows is held against it"),
  keyFile: file().optional().describe("file with the private key"),
});

/** Where a secret comes from. */
const secretAnswer = z.union([
  z.strictObject({ file: file() }),
  z.strictObject({ generated: z.int().min(16).max(1024).describe("random bytes, made at the first update") }),
]);

/** Everything that `sitefleet init` asks. The file that it keeps between two tries has this form too. No secret stands in it. */
export const answersSchema = z.strictObject({
  target: text(/^[a-z][a-z0-9-]{0,30}$/, "a word of your own for this estate, e.g. production").optional(),
  backend: z.string().optional().describe("address of the state backend; default: a directory beside the catalog"),
  passphraseFile: file().optional().describe("default: a file that is made beside the catalog"),
  tokens: z
    .record(z.string(), file())
    .default({})
    .describe("variable → file with the token; default: the variable itself"),
  settings: z
    .record(z.string(), z.string())
    .default({})
    .describe("key → value, as docs/reference/configuration.md lists them"),
  cells: z
    .int()
    .min(1)
    .max(MOST_CELLS)
    .optional()
    .describe(`stacks that sites are hashed into, for good; default: ${NEW_CELLS}`),
  zones: z.array(zoneAnswer).optional(),
  sites: z.array(siteAnswer).optional(),
  hosts: z.array(hostAnswer).default([]),
  secrets: z
    .strictObject({
      repository: repository(),
      environment: z.string().min(1).default("production"),
      values: z.record(text(/^[A-Z_][A-Z0-9_]*$/, "A-Z, 0-9 and underscores"), secretAnswer).default({}),
    })
    .optional(),
});
/** See {@link answersSchema}. */
export type Answers = z.output<typeof answersSchema>;
/** As they are written. */
export type WrittenAnswers = z.input<typeof answersSchema>;
/** See {@link Answers}. */
export type SiteAnswer = NonNullable<Answers["sites"]>[number];
/** See {@link Answers}. */
export type HostAnswer = Answers["hosts"][number];

/** What is wrong with an answer, and where. */
export interface AnswerProblem {
  /** Path of the answer, e.g. `sites.1.host`. */
  readonly path: readonly (string | number)[];
  /** What is wrong and what would be right, to complete "PATH …". */
  readonly wrong: string;
}

/** The zone that a host is in, of these; the longest that fits. Pure. */
export function zoneOf(host: string, zones: readonly { readonly name: string }[]): string | undefined {
  const fitting = zones.filter(({ name }) => host === name || host.endsWith(`.${name}`));
  return fitting.sort((a, b) => b.name.length - a.name.length)[0]?.name;
}

/** What is wrong between answers that are right each by itself. Pure. @param needed variables that must be set or have a file */
export function problemsBetween(answers: Answers): AnswerProblem[] {
  const { target, zones = [], sites = [], secrets, hosts } = answers;
  const missing = [
    ...(target === undefined
      ? [{ path: ["target"], wrong: "is missing: a word of your own for this estate, e.g. production" }]
      : []),
    ...(zones.length === 0 ? [{ path: ["zones"], wrong: "is missing: at least one apex domain" }] : []),
    ...(sites.length === 0 ? [{ path: ["sites"], wrong: "is missing: at least one site" }] : []),
    ...(secrets === undefined
      ? [{ path: ["secrets"], wrong: "is missing: the repository whose environment holds the secrets" }]
      : []),
  ];
  const names = zones.map(({ name }) => name).join(", ");
  const outside = sites.flatMap(({ host }, index) =>
    zoneOf(host, zones) === undefined
      ? [{ path: ["sites", index, "host"], wrong: `${host} is in none of the zones ${names}` }]
      : [],
  );
  const seen = new Map<string, number>();
  const twice = sites.flatMap(({ host }, index) => {
    const first = seen.get(host);
    seen.set(host, first ?? index);
    return first === undefined
      ? []
      : [{ path: ["sites", index, "host"], wrong: `${host} is a site already, number ${first + 1}` }];
  });
  const noKey = hosts.flatMap(({ key, keyFile }, index) =>
    keyFile === undefined && secrets?.values.SSH_PRIVATE_KEY === undefined
      ? [{ path: ["hosts", index, "keyFile"], wrong: `is missing: the file with the private key for ${key}` }]
      : [],
  );
  return [...missing, ...outside, ...twice, ...noKey];
}
