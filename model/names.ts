import { createHash } from "node:crypto";

/**
 * Longest name of a Vercel project. The API takes 100 characters (with `.` and `_`), the provider only
 * `^[a-z0-9\-]{0,100}$` of at most 52: terraform-provider-vercel 5.x, vercel/resource_project.go, `name`. It stands here
 * and not in limits.yaml because it decides names, and names must not follow data.
 */
export const PROJECT_NAME_MAX = 52;

/**
 * Turns text into a valid project name: lower case, digits and single hyphens. When it is too long it keeps its beginning
 * and gets 8 hex digits of the sha256 of `identity`, so that different identities stay different.
 */
function projectSlug(text: string, identity: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    // `---` is refused by Vercel; `--` stays, it is part of punycode.
    .replace(/-{3,}/g, "--")
    .replace(/^-+|-+$/g, "");
  if (slug.length <= PROJECT_NAME_MAX) return slug;
  const digest = createHash("sha256").update(identity).digest("hex").slice(0, 8);
  return `${slug.slice(0, PROJECT_NAME_MAX - 9).replace(/-+$/, "")}-${digest}`;
}

/**
 * Name of the Vercel project of a site of its own: the host with hyphens for dots.
 * @example projectName({ name: "quiz", zone: "qmoney.de" }) // "quiz-qmoney-de"
 */
export function projectName(site: { readonly name: string; readonly zone: string }): string {
  const host = site.name === "@" ? site.zone : `${site.name}.${site.zone}`;
  return projectSlug(host.replaceAll(".", "-"), host);
}

/** What makes sites share a project. GitHub does not tell upper from lower case in a repository's name, so neither do we. */
export function sharedProjectKey(site: { readonly repository: string; readonly rootDirectory: string }): string {
  return `${site.repository.toLowerCase()}#${site.rootDirectory}`;
}

/**
 * Name of the Vercel project that all sites with this repository and root directory share.
 * @example sharedProjectName({ repository: "acme/landing", rootDirectory: "apps/quiz" }) // "shared-acme-landing-apps-quiz"
 */
export function sharedProjectName(site: { readonly repository: string; readonly rootDirectory: string }): string {
  const { repository, rootDirectory } = site;
  return projectSlug(`shared-${repository}${rootDirectory === "" ? "" : `-${rootDirectory}`}`, sharedProjectKey(site));
}
