import { CODES } from "./codes.ts";

/** Titles of the sections, by what their codes begin with; the first that fits counts. */
const SECTIONS: readonly (readonly [title: string, starts: RegExp])[] = [
  ["Command line and environment", /^(usage|environment|needs|settings|init|file|internal)/],
  ["Secrets", /^secrets/],
  ["Quality", /^quality/],
  ["Catalog", /^(analyse|catalog|cell|host|service|site|stack\.unknown|traffic|vantage)/],
  ["State and locks", /^(backend|store|copy|disk|state|stack|lock|shared)/],
  ["What a run may do", /^(ci|preflight|policy|preview|change-set|gate|approval|review|budget|run|mcp)/],
  ["Money", /^cost/],
  ["Taking over what exists", /^adopt/],
  ["Repair", /^repair/],
  ["Releases, rollouts, rollbacks", /^(release|rollback|rollout)/],
  ["Health, user flows and browsers", /^(health|flow|browser)/],
  ["Reports, messages, figures and incidents", /^(report|incident|notify|metrics|alerts|dashboard)/],
  ["Builds of artifacts", /^build/],
  ["Services on hosts", /^plesk/],
  ["Providers", /^(provider|vercel)/],
  ["Sandbox and demo", /^(sandbox|demo)/],
];

/** docs/reference/errors.md. Pure. */
export function errorsPage(): string {
  const left = new Map<string, string>(Object.entries(CODES));
  const sections = SECTIONS.map(([title, starts]) => {
    const rows = [...left].filter(([code]) => starts.test(code)).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [code] of rows) left.delete(code);
    return `## ${title}\n\n| code | what it means |\n|---|---|\n${rows.map(([code, text]) => `| \`${code}\` | ${text} |`).join("\n")}`;
  });
  if (left.size > 0) throw new RangeError(`codes without a section: ${[...left.keys()].join(", ")}`);
  return `# Errors

This page lists every code that an error of sitefleet can have. With \`--json\` it is \`error.code\`; a script matches on it and never on a text. The message says what is wrong and where,
the hint says what to do. Exit codes are in [cli.md](cli.md#exit-codes), those of the driver in [services.md](services.md#exit-codes). This page is made from \`errors/codes.ts\`.

${sections.join("\n\n")}
`;
}
