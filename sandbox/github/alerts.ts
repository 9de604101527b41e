import { Hono } from "hono";
import { GithubError, paginate, repositoryIn } from "./reply.ts";
import type { Repository } from "./state.ts";

/** Alerts of dependencies and of code scanning, below `/repos/:owner/:repo`; what there is is told by `PUT …/sandbox`. */
export function alertRoutes(repositoryOf: (owner: string, name: string) => Repository): Hono {
  const app = new Hono();
  const repository = repositoryIn(repositoryOf);
  app.get("/dependabot/alerts", (c) => {
    const { dependabot } = repository(c).alerts;
    // GitHub's own words and status where the repository has them switched off.
    if (dependabot === null) throw new GithubError(403, "Dependabot alerts are disabled for this repository.");
    const severities = (c.req.query("severity") ?? "").split(",").filter((one) => one !== "");
    const found = dependabot
      .filter((one) => one.state === (c.req.query("state") ?? one.state))
      .filter(({ security_advisory }) => {
        const { severity } = (security_advisory ?? {}) as { severity?: string };
        return severities.length === 0 || severities.includes(severity ?? "");
      });
    return c.json(paginate(c, found));
  });
  app.get("/code-scanning/alerts", (c) => {
    const { codeScanning } = repository(c).alerts;
    if (codeScanning === null) throw new GithubError(404, "no analysis found");
    return c.json(
      paginate(
        c,
        codeScanning.filter((one) => one.state === (c.req.query("state") ?? one.state)),
      ),
    );
  });
  return app;
}
