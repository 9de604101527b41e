import { planSharedProject } from "../../components/shared-project/plan.ts";
import { planSite } from "../../components/vercel-site/plan.ts";
import { attributesOf, type Json, value } from "./attributes.ts";

/** Files by path. */
export type Files = Readonly<Record<string, string>>;

/** Where the provider comes from, for every module. */
export const REQUIRED = { required_providers: { vercel: { source: "vercel/vercel" } } };

const TEXT = { type: "string" };
const OPTIONAL = { type: "string", default: null };
/** What the module gets for each project; our own plan is asked for a project of these texts. */
const VARIABLES = { name: TEXT, repository: TEXT, root_directory: OPTIONAL, framework: OPTIONAL, commit: OPTIONAL };
const GIVEN = {
  name: value("var.name"),
  repository: value("var.repository"),
  rootDirectory: value("var.root_directory"),
  framework: value("var.framework"),
};

/**
 * The modules that every root calls: a site with a project of its own, a site on a shared project, and such a project. What a project
 * is made of comes from the plans of our components. Terraform has no release that is checked and promoted, so a deployment takes
 * the hosts by itself. Pure.
 */
export function modules(): Files {
  const own = planSite({ host: value("var.host"), project: { kind: "own", ...GIVEN } });
  if (own.project === undefined) throw new Error("a site with a project of its own has none in its plan");
  const shared = planSharedProject(GIVEN);
  return {
    "modules/site/main.tf.json": text({
      terraform: REQUIRED,
      variable: { host: TEXT, ...VARIABLES },
      resource: {
        vercel_project: { this: projectOf(own.project) },
        vercel_project_domain: { this: { project_id: value("vercel_project.this.id"), domain: value("var.host") } },
        ...DEPLOYMENT,
      },
    }),
    "modules/shared-site/main.tf.json": text({
      terraform: REQUIRED,
      variable: { host: TEXT, project_id: TEXT },
      resource: { vercel_project_domain: { this: { project_id: value("var.project_id"), domain: value("var.host") } } },
    }),
    "modules/shared-project/main.tf.json": text({
      terraform: REQUIRED,
      variable: { ...VARIABLES, wildcards: { type: "set(string)" } },
      resource: {
        vercel_project: { this: projectOf(shared.project) },
        vercel_project_domain: {
          wildcard: {
            for_each: value("var.wildcards"),
            project_id: value("vercel_project.this.id"),
            domain: value("each.value"),
          },
        },
        ...DEPLOYMENT,
      },
      output: { project_id: { value: value("vercel_project.this.id") } },
    }),
  };
}

const DEPLOYMENT = {
  vercel_deployment: {
    this: {
      // None where the catalog names no commit.
      count: value("var.commit == null ? 0 : 1"),
      project_id: value("vercel_project.this.id"),
      ref: value("var.commit"),
      production: true,
    },
  },
};

const projectOf = (args: Parameters<typeof attributesOf>[0]): Json => ({
  ...attributesOf(args),
  auto_assign_custom_domains: true,
});

/** A file in Terraform's JSON syntax. Pure. */
export function text(body: { readonly [block: string]: Json }): string {
  return `${JSON.stringify(body, null, 2)}\n`;
}
