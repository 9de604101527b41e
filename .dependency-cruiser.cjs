/** The direction of arrows: cli → fleet, plesk → stacks → vendors → components → provider types; the catalog is read by all through one module. */
const only = (name, from, to, comment) => ({
  name,
  severity: "error",
  comment,
  from: { path: `^${from}/` },
  to: {
    path: "^(catalog|checks|cli|components|environment|errors|fleet|operations|plesk|sandbox|stacks|provider|toolchain|test|vendors)/",
    pathNot: `^(${to}|environment)/`,
  },
});

/** The floors of fleet/, lowest first: each may use those before it. docs/architecture.md has the picture. */
const FLOORS = ["backend", "engine", "health", "repair", "run", "change-set", "budget", "releases"];

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
      comment: "Two folders that need each other are one concept, or hide a third.",
      scope: "folder",
      from: { path: "^fleet/(backend|releases)/|^vendors/" },
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
      name: "no-orphans",
      severity: "error",
      comment: "A module that nothing imports is dead, unless it is started as a program.",
      from: {
        orphan: true,
        pathNot:
          "(^|/)(main|index|generate|write|host|setup|run|enter|launch)\\.(ts|js|mjs)$|^catalog/(artifacts|sample)/|\\.d\\.ts$|^cli/sitefleet\\.js$|-main\\.ts$",
      },
      to: {},
    },
    only("errors-depend-on-nothing", "errors", "errors", "Errors are known to all and know nobody."),
    only("catalog-is-a-leaf", "catalog", "catalog|errors", "The catalog is data and rules."),
    only("plesk-stands-alone", "plesk", "plesk|errors|catalog", "The driver runs on its own."),
    only("checks-stand-alone", "checks", "checks|errors|catalog", "Checks know neither the plugin nor the fleet."),
    only(
      "provider-stands-alone",
      "provider",
      "provider|checks|errors",
      "The plugin is started by plain pulumi, on its own.",
    ),
    {
      name: "checks-load-no-catalog",
      severity: "error",
      comment: "The plugin loads checks: of the catalog they may know the types.",
      from: { path: "^checks/" },
      to: { path: "^catalog/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "provider-through-its-sdk",
      severity: "error",
      comment: "Programs load the resource classes, never the plugin.",
      from: { path: "^(components|stacks)/" },
      to: { path: "^provider/", pathNot: "^provider/sdk/" },
    },
    only(
      "components-down",
      "components",
      "components|errors|catalog|plesk|provider",
      "Components know no stack, no fleet.",
    ),
    only(
      "vendors-down",
      "vendors",
      "vendors|components|errors|catalog|provider",
      "A vendor knows its API, its types and what components ask of it; no stack, no fleet.",
    ),
    {
      name: "vendors-apart",
      severity: "error",
      comment: "A vendor's folder knows no other vendor's; only the list knows all.",
      from: { path: "^vendors/([^/]+)/" },
      to: { path: "^vendors/[^/]+/|^vendors/index\\.ts$", pathNot: "^vendors/$1/" },
    },
    only("stacks-down", "stacks", "stacks|vendors|components|errors|catalog|plesk|provider", "Programs know no fleet."),
    only(
      "fleet-down",
      "fleet",
      "fleet|stacks|vendors|components|errors|catalog|checks|plesk|provider",
      "The fleet knows no command line and no sandbox.",
    ),
    only("environment-depends-on-nothing", "environment", "environment", "The environment is known to all."),
    only(
      "operations-down",
      "operations",
      "operations|fleet|stacks|components|environment|errors|catalog|checks|plesk|provider|vendors",
      "Operations know no interface and no sandbox.",
    ),
    {
      name: "operations-below-interfaces-only",
      severity: "error",
      comment: "Operations stand above everything but the interfaces.",
      from: { pathNot: "^(operations|cli|test|bench)/" },
      to: { path: "^operations/" },
    },
    only(
      "sandbox-aside",
      "sandbox",
      "sandbox|errors|catalog|plesk|toolchain|provider",
      "The sandbox stands in for vendors, not for us; of the provider it uses the plugin protocol alone.",
    ),
    {
      name: "catalog-through-its-module",
      severity: "error",
      comment: "The catalog is read through catalog/index.ts only.",
      from: { pathNot: "^(catalog|test)/" },
      to: { path: "^catalog/", pathNot: "^catalog/(index|sample/sites|shape/services|shape/shared-paths)\\.ts$" },
    },
    {
      name: "not-to-test",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { path: "^test/" },
    },
    {
      name: "nothing-imports-cli",
      severity: "error",
      from: { pathNot: "^(cli|test)/" },
      to: { path: "^cli/" },
    },
    {
      name: "only-cli-and-tests-import-sandbox",
      severity: "error",
      from: { pathNot: "^(cli|sandbox|test)/" },
      to: { path: "^sandbox/" },
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
    exclude: { path: "^(node_modules|\\.toolchain|\\.sandbox)/|^catalog/artifacts/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".mjs", ".json"] },
  },
};
