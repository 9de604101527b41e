const { join } = require("node:path");

/**
 * Every folder of code, lowest first: what it may import besides itself, and why no more. A folder imports only folders that
 * stand before it. This is the one list of folders: a new folder is a new line, and a folder without a line is refused.
 * docs/architecture.md has the picture.
 */
const FOLDERS = [
  ["toolchain", [], "Set-up runs before anything is installed."],
  ["environment", [], "The environment is known to all and knows nobody."],
  ["errors", ["environment"], "Errors are known to all and know nobody."],
  ["model", ["environment", "errors"], "The catalog's types, reader and rules; the data itself is in catalog/."],
  ["checks", ["environment", "errors", "model"], "Checks know neither the plugin nor the fleet."],
  ["flows", ["environment", "errors", "model", "checks"], "A browser's visits know the catalog's steps, and no fleet."],
  ["policy", ["environment", "errors", "model"], "Policies are rules about declared resources."],
  ["plesk", ["toolchain", "environment", "errors", "model"], "The driver runs on its own."],
  ["provider", ["toolchain", "environment", "errors", "checks"], "The plugin is started by plain pulumi, on its own."],
  ["components", ["environment", "errors", "model", "plesk", "provider"], "Components know no stack, no fleet."],
  [
    "vendors",
    ["environment", "errors", "model", "provider", "components"],
    "A vendor knows its API, its types and what components ask of it; no stack, no fleet.",
  ],
  [
    "quality",
    ["environment", "errors", "model", "checks", "flows", "vendors"],
    "Adapters of tools know neither where results are kept nor what they stop.",
  ],
  [
    "stacks",
    ["environment", "errors", "model", "policy", "plesk", "provider", "components", "vendors"],
    "Programs know no fleet.",
  ],
  [
    "fleet",
    [
      "toolchain",
      "environment",
      "errors",
      "model",
      "checks",
      "plesk",
      "provider",
      "components",
      "vendors",
      "quality",
      "stacks",
    ],
    "The fleet knows no command line and no sandbox.",
  ],
  [
    "operations",
    [
      "environment",
      "errors",
      "model",
      "checks",
      "flows",
      "plesk",
      "provider",
      "components",
      "vendors",
      "quality",
      "stacks",
      "fleet",
    ],
    "Operations know no interface and no sandbox.",
  ],
  [
    "mcp",
    ["environment", "errors", "model", "vendors", "stacks", "fleet", "operations"],
    "The interface for agents stands on operations, and knows no command line and no sandbox.",
  ],
  [
    "dashboard",
    ["environment", "errors", "model", "vendors", "stacks", "fleet", "operations"],
    "The dashboard stands on operations, and knows no command line and no sandbox.",
  ],
  [
    "sandbox",
    ["toolchain", "environment", "errors", "model", "plesk", "provider"],
    "The sandbox stands in for vendors, not for us; of the provider it uses the plugin protocol alone.",
  ],
  ["cli", "all before", "An interface uses what it shows."],
  ["bench", "all before", "Measurements start what people start."],
  ["test", "all before", "Tests see everything."],
];

const NAMES = FOLDERS.map(([name]) => name);

const directions = FOLDERS.flatMap(([name, uses, comment], index) => {
  const before = NAMES.slice(0, index);
  const allowed = uses === "all before" ? before : uses;
  for (const used of allowed) if (!before.includes(used)) throw new Error(`${name} would import upward: ${used}`);
  const others = NAMES.filter((other) => other !== name && !allowed.includes(other));
  if (others.length === 0) return [];
  return [
    {
      name: `${name}-imports-downward`,
      severity: "error",
      comment,
      from: { path: `^${name}/` },
      to: { path: `^(${others.join("|")})/` },
    },
  ];
});

/** The floors of fleet/, lowest first: each may use those before it. docs/architecture.md has the picture. */
const FLOORS = [
  "backend",
  "events",
  "metrics",
  "notify",
  "alerts",
  "incidents",
  "quality",
  "report",
  "engine",
  "health",
  "repair",
  "run",
  "change-set",
  "budget",
  "cost",
  "adopt",
  "drift",
  "gates",
  "releases",
  "analysis",
  "overview",
];

const floors = FLOORS.slice(0, -1).map((floor, index) => ({
  name: `fleet-${floor}-down`,
  severity: "error",
  comment: "A floor of fleet/ uses only the floors below it.",
  from: { path: `^fleet/${floor}/` },
  to: { path: `^fleet/(${FLOORS.slice(index + 1).join("|")})/` },
}));

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-circular-folders",
      severity: "error",
      comment:
        "Two folders that need each other are one concept, or hide a third. A folder holds its subfolders, so a file and a subfolder beside it may import each other; two subfolders may not.",
      scope: "folder",
      from: { path: `^(${NAMES.filter((name) => name !== "test").join("|")})/` },
      to: { circular: true },
    },
    ...floors,
    {
      name: "fleet-has-only-floors",
      severity: "error",
      comment: "A file of fleet/ lies on a floor.",
      from: {},
      to: { path: `^fleet/(?!(${FLOORS.join("|")})/)` },
    },
    {
      name: "every-folder-has-a-place",
      severity: "error",
      comment: "A folder of code stands in the list at the top of this file.",
      from: { path: "^[^/]+/", pathNot: `^(${NAMES.join("|")})/` },
      to: {},
    },
    ...directions,
    {
      name: "checks-load-no-model",
      severity: "error",
      comment: "The plugin loads checks: of the catalog they may know the types.",
      from: { path: "^checks/" },
      to: { path: "^model/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "clients-when-they-are-needed",
      severity: "error",
      comment:
        "Most commands ask no vendor: HTTP clients are imported where one does. They are a sixth of a command's CPU time.",
      // The store in a bucket is itself imported where a backend is one.
      from: {
        path: "^(cli|environment|errors|fleet|operations|vendors)/",
        pathNot: "^fleet/backend/store/s3-store\\.ts$",
      },
      to: { path: "^node_modules/(cockatiel|undici)/", dynamic: false, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "provider-through-its-sdk",
      severity: "error",
      comment: "Programs load the resource classes, never the plugin.",
      from: { path: "^(components|stacks)/" },
      to: { path: "^provider/", pathNot: "^provider/sdk/" },
    },
    {
      name: "vendors-apart",
      severity: "error",
      comment: "A vendor's folder knows no other vendor's; only the list knows all.",
      from: { path: "^vendors/([^/]+)/" },
      to: { path: "^vendors/[^/]+/|^vendors/index\\.ts$", pathNot: "^vendors/$1/" },
    },
    {
      name: "model-through-its-index",
      severity: "error",
      // The leaves are for processes that read no catalog, such as runners: the index loads its reader, rules and schemas.
      comment: "The catalog is read through model/index.ts only; what needs no catalog is a leaf.",
      from: { pathNot: "^(model|test)/" },
      to: {
        path: "^model/",
        pathNot:
          "^model/(index|canonical|cells|dns|dns-vendors|hosts|names|sample/sites|shape/services|shape/shared-paths)\\.ts$",
      },
    },
    {
      name: "sandbox-uses-the-plugin-protocol-alone",
      severity: "error",
      from: { path: "^sandbox/" },
      to: { path: "^provider/", pathNot: "^provider/framework/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: {
      path: "^(node_modules/(?!(cockatiel|undici)/)|\\.toolchain|\\.sandbox)/|^catalog/(artifacts|sample/(artifacts|sources))/",
    },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, "tsconfig.json") },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".mjs", ".json"] },
  },
};
