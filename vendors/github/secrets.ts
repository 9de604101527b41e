import { hasCode, SitefleetError } from "../../errors/index.ts";
import { fields, part, textOf } from "../live.ts";
import type { SecretStore } from "../secrets.ts";
import { asker, TIMES } from "./rest.ts";

/** ms since 1970 of a time as GitHub writes it, or as its provider does (Go: `2026-11-29 19:00:00 +0000 UTC`). Pure. */
const timeOf = (text: string | undefined): number =>
  Date.parse((text ?? "").replace(/ \+0000 UTC$/, "Z").replace(" ", "T"));

/** Secrets of an environment: docs.github.com/rest/actions/secrets. */
export const secrets: SecretStore = {
  limits: { count: "github.environment-secrets", bytes: "github.environment-secret-bytes" },
  async list({ repository, environment }, env) {
    try {
      const path = `/repos/${repository.split("/").map(part).join("/")}/environments/${part(environment)}/secrets`;
      const found = await asker(env, TIMES).pages(path, (answer) => fields(answer).secrets);
      return found?.map((one) => ({ name: textOf(one, "name") ?? "", updatedAt: timeOf(textOf(one, "updated_at")) }));
    } catch (error) {
      if (!(error instanceof SitefleetError) || !hasCode(error, "approval.unread")) throw error;
      const { message } = error;
      const hint = "GITHUB_TOKEN must be allowed to read the environment's secrets (Environments: read; classic: repo)";
      throw new SitefleetError({ code: "secrets.unread", message, hint, cause: error });
    }
  },
  written({ type, outputs }) {
    const name = textOf(outputs, "secretName");
    if (name === undefined || !type.endsWith(":ActionsEnvironmentSecret")) return undefined;
    return { name, updatedAt: timeOf(textOf(outputs, "updatedAt")) };
  },
};
