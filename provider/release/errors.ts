import { SitefleetError } from "../../errors/index.ts";
import type { CheckResult } from "../check/types.ts";
import type { Deployment } from "../vercel/shapes.ts";
import type { FailReason } from "./decide.ts";

/** A release that is not live; code `release.<reason>`. */
export class ReleaseError extends SitefleetError {
  readonly reason: FailReason;
  /** The deployment that was on its way, if there is one: it is not lost. */
  readonly deployment: Deployment | undefined;
  readonly checked: CheckResult | undefined;

  constructor(reason: FailReason, parts: ReleaseErrorParts) {
    super({ code: `release.${reason}`, cause: parts.cause, ...textOf(reason, parts) });
    this.name = "ReleaseError";
    this.reason = reason;
    this.deployment = parts.deployment;
    this.checked = parts.checked;
  }
}

/** What an error is made of. */
export interface ReleaseErrorParts {
  readonly deployment?: Deployment | undefined;
  readonly checked?: CheckResult | undefined;
  /** Where everything that the check saw is kept. */
  readonly evidenceFile?: string | undefined;
  /** Hosts that do not point at it. */
  readonly hosts?: readonly string[];
  /** What is said of domains that another account holds. */
  readonly unverified?: readonly string[];
  /** The last error of a call, where one is the reason. */
  readonly cause?: unknown;
}

type Text = { readonly message: string; readonly hint: string; readonly details?: readonly string[] };

function textOf(reason: FailReason, parts: ReleaseErrorParts): Text {
  const { deployment, checked } = parts;
  const which = deployment === undefined ? "the deployment" : `deployment ${deployment.id} (https://${deployment.url})`;
  const unchanged = "what was live stays live";
  switch (reason) {
    case "interrupted": {
      const why = parts.cause instanceof Error ? parts.cause.message : String(parts.cause);
      return { message: `the release of ${which} was interrupted: ${why}`, hint: "run again to go on" };
    }
    case "build-failed": {
      const { code, message } = deployment?.error ?? { code: deployment?.readyState ?? "", message: "" };
      return {
        message: `the build of ${which} failed: ${[code, message].filter((text) => text !== "").join(": ")}`,
        hint: `${unchanged}; mend the commit and release another one, or run again to build this one again`,
      };
    }
    case "build-not-started": {
      const why = parts.cause instanceof Error ? `: ${parts.cause.message}` : "";
      if (deployment === undefined) {
        return { message: `no deployment could be created${why}`, hint: `${unchanged}; run again` };
      }
      return { message: `${which} waits for its build longer than allowed`, hint: `${unchanged}; run again to go on` };
    }
    case "build-deadline":
      return { message: `the build of ${which} takes longer than allowed`, hint: `${unchanged}; run again to go on` };
    case "build-gone":
      return { message: `${which} was deleted while it was built`, hint: `${unchanged}; run again` };
    case "check-failed":
    case "check-inconclusive":
      return {
        message: `${which} was not promoted: ${checked?.reason ?? "it was not checked"}`,
        hint:
          reason === "check-failed"
            ? `${unchanged}; release another commit`
            : `${unchanged}; let the check reach the address, or set check.inconclusive to "promote"`,
        details: checked === undefined ? undefined : evidenceOf(checked, parts.evidenceFile),
      };
    case "domain-unverified":
      return {
        message: (parts.unverified ?? []).join("; "),
        hint: `${which} is ready and serves the project's other hosts`,
      };
    case "promotion-refused":
      return { message: `Vercel refuses to promote ${which}`, hint: "look at the project's last promotion, run again" };
    case "promotion-failed":
    case "promotion-deadline":
      return {
        message:
          reason === "promotion-failed"
            ? `the promotion of ${which} failed`
            : `the hosts do not point at ${which} within the time allowed`,
        hint: "some hosts may serve the new release and others the old one: run again to go on",
        details: parts.hosts && parts.hosts.length > 0 ? [`not moved: ${parts.hosts.join(", ")}`] : undefined,
      };
  }
}

function evidenceOf({ evidence }: CheckResult, file: string | undefined): string[] {
  const { url, tries, status, milliseconds, excerpt } = evidence;
  const seen = status === undefined ? "no answer" : `status ${status} after ${milliseconds} ms`;
  const text = excerpt?.replaceAll(/\s+/g, " ").trim();
  const kept = file === undefined ? [] : [`evidence: ${file}`];
  return [`${url}: ${seen}, ${tries} tries`, ...(text ? [`answer: ${text}`] : []), ...kept];
}
