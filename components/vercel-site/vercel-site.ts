import * as pulumi from "@pulumi/pulumi";
import * as vercel from "@pulumiverse/vercel";
import { Release, type ReleaseArgs } from "../../provider/sdk/release.ts";
import { COMPONENT } from "../tokens.ts";
import { type Transform, transformed } from "../transform.ts";
import { ignoredIn } from "../undeclared/types.ts";
import { buildSettingsOf } from "./build-settings.ts";
import { checkDomain } from "./domain-check.ts";
import { planSite, type SiteSpec } from "./plan.ts";
import { project as undeclared } from "./undeclared.ts";

/** Arguments of {@link VercelSite}. */
export interface VercelSiteArgs extends SiteSpec {
  /** In an update Vercel is told to look again for the record of a domain that it has not verified. @default true */
  readonly verify?: boolean;
  /** Changes a child's arguments or options just before it is created. @default none */
  readonly transform?: {
    readonly project?: Transform<vercel.ProjectArgs>;
    readonly domain?: Transform<vercel.ProjectDomainArgs>;
    readonly release?: Transform<ReleaseArgs>;
  };
}

/**
 * One name served from Vercel: a project with its variables, its domain and its release, or only a domain on a
 * shared project. Costs nothing by itself on Vercel; a project of its own is built once a commit (see catalog/limits.yaml).
 *
 * @example
 * new VercelSite("shop-001.qmoney.de", {
 *   host: "shop-001.qmoney.de",
 *   project: { kind: "own", name: "shop-001-qmoney-de", repository: "acme/shops", framework: "nextjs" },
 *   commit: "0123456789abcdef0123456789abcdef01234567",
 * }, { providers: { vercel, sitefleet } });
 */
export class VercelSite extends pulumi.ComponentResource {
  /** The project that serves the site. */
  readonly projectId: pulumi.Output<string>;
  /** In an update: may its project serve the host? False while another account holds the domain. */
  readonly verified: pulumi.Output<boolean>;
  /** `https://` and the host name. */
  readonly url: string;

  constructor(name: string, args: VercelSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT.site, name, {}, opts);
    const plan = planSite(args);
    const { transform } = args;
    this.url = `https://${args.host}`;
    let settings: pulumi.Output<Record<string, string>> | undefined;
    if (plan.project) {
      const opts = { parent: this, ignoreChanges: ignoredIn(undeclared, plan.project) };
      const project = transformed(transform?.project, name, plan.project, opts);
      settings = buildSettingsOf(project[1]);
      this.projectId = new vercel.Project(...project).id;
    } else {
      this.projectId = pulumi.output(args.project.kind === "shared" ? args.project.projectId : "");
    }
    // The host moves to another project only when the old one has let go of it.
    const domain = transformed(transform?.domain, name, plan.domain(this.projectId), {
      parent: this,
      deleteBeforeReplace: true,
    });
    const attached = new vercel.ProjectDomain(...domain);
    const { domain: host } = attached;
    this.verified = checkDomain(attached, this, args.verify ?? true);
    if (plan.release) {
      // The engine's own time-out stays out of it: a release has deadlines for each of its parts.
      const opts = { parent: this };
      const release = { ...plan.release(this.projectId, host), ...(settings ? { buildSettings: settings } : {}) };
      new Release(...transformed(transform?.release, name, release, opts));
    }
    this.registerOutputs();
  }
}
