import * as pulumi from "@pulumi/pulumi";
import * as vercel from "@pulumiverse/vercel";
import { Release, type ReleaseArgs } from "../../provider/sdk/release.ts";
import { COMPONENT } from "../tokens.ts";
import { type Transform, transformed } from "../transform.ts";
import { ignoredIn } from "../undeclared/types.ts";
import { buildSettingsOf } from "../vercel-site/build-settings.ts";
import { checkDomain } from "../vercel-site/domain-check.ts";
import { project as undeclared } from "../vercel-site/undeclared.ts";
import { planSharedProject, type SharedProjectSpec } from "./plan.ts";

/** Arguments of {@link SharedProject}. */
export interface SharedProjectArgs extends SharedProjectSpec {
  /** In an update Vercel is told to look again for the records of domains that it has not verified. @default true */
  readonly verify?: boolean;
  /** Changes a child's arguments or options just before it is created. @default none */
  readonly transform?: {
    readonly project?: Transform<vercel.ProjectArgs>;
    readonly release?: Transform<ReleaseArgs>;
    readonly domain?: Transform<vercel.ProjectDomainArgs>;
  };
}

/**
 * One project that serves many sites: each of them is a single domain resource in its own cell.
 *
 * @example
 * new SharedProject("shared-landing", {
 *   name: "shared-landing", repository: "acme/landing", framework: "astro",
 *   commit: "0123456789abcdef0123456789abcdef01234567",
 * }, { providers: { vercel, sitefleet } });
 */
export class SharedProject extends pulumi.ComponentResource {
  /** What a site's domain refers to. */
  readonly projectId: pulumi.Output<string>;
  /** In an update: may the project serve its wildcard domains? False while another account holds one. */
  readonly verified: pulumi.Output<boolean>;

  constructor(name: string, args: SharedProjectArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT.sharedProject, name, {}, opts);
    const { transform, verify = true, ...spec } = args;
    const plan = planSharedProject(spec);
    const planned = transformed(transform?.project, name, plan.project, {
      parent: this,
      ignoreChanges: ignoredIn(undeclared, plan.project),
    });
    const project = new vercel.Project(...planned);
    this.projectId = project.id;
    if (plan.release) {
      const release = { ...plan.release(project.id), buildSettings: buildSettingsOf(planned[1]) };
      new Release(...transformed(transform?.release, name, release, { parent: this }));
    }
    const domains = plan.domains(project.id).map((domain) => {
      const opts = { parent: this, deleteBeforeReplace: true };
      return new vercel.ProjectDomain(...transformed(transform?.domain, domain.domain as string, domain, opts));
    });
    this.verified = pulumi
      .all(domains.map((domain) => checkDomain(domain, this, verify)))
      .apply((all) => all.every((verified) => verified));
    this.registerOutputs({ projectId: this.projectId });
  }
}
