import { environment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import { publishing, type Report, renderReport } from "../../fleet/report/index.ts";
import { type Publish, readNotify } from "../../model/index.ts";
import { VENDORS } from "../../vendors/index.ts";
import type { Shown, Standing, StatusBoard } from "../../vendors/statuses.ts";
import { withoutSecretsOf } from "../kit/secrets.ts";

/** Commits of one report that are told of. */
const COMMITS = 5;
/** Label of an incident's issue where no receiver of notify.yaml makes one. */
const INCIDENT_LABEL = "sitefleet-incident";

/** What was done about one thing. */
interface PublishedPart {
  /** `status`, `deployment` and `tag` with the commit, `issue`, `incident`. */
  readonly what: string;
  readonly did: Shown["did"] | "failed";
  readonly url?: string | undefined;
  readonly reason?: string | undefined;
}

/** What became of a publication. `note`: why nothing was done. */
export interface Publication {
  readonly parts: readonly PublishedPart[];
  readonly note?: string | undefined;
}

const STANDING: Readonly<Record<Report["outcome"], Standing>> = {
  done: "done",
  waiting: "waiting",
  open: "running",
  failed: "failed",
};

/**
 * Shows a run beside its commits: a status, a deployment, a tag once it is done, an issue that tracks it, and one for what went
 * back. Done again it changes what differs and makes nothing twice.
 *
 * @throws SitefleetError `report.busy`, `store.unreachable`
 */
export async function publishReport(catalogDir: string, store: Store, report: Report): Promise<Publication> {
  const declared = readNotify(catalogDir);
  const publish = declared?.publish;
  if (publish === undefined) return { parts: [], note: "notify.yaml declares no `publish`: nothing was published" };
  const token = environment()[publish.token];
  if (!token) return { parts: [], note: `${publish.token} is not set: nothing was published` };
  const statuses = VENDORS.find((vendor) => vendor.statuses !== undefined)?.statuses;
  if (statuses === undefined) throw new Error("vendors/index.ts lists no vendor that shows runs beside commits");
  const board = statuses.open(publish.repository, token, environment());
  const own = withoutSecretsOf(environment());
  const text = plainLine(own(sentence(report)), statuses.longest);
  const incident = declared?.receivers.every(({ kind }) => kind !== "issue") === true;
  return publishing(store, report.run, async (made) => {
    const handles: Record<string, string> = {};
    const parts: PublishedPart[] = [];
    for (const part of partsOf(report, publish, { text, own, incident })) {
      try {
        const { did, handle, url } = await part.show(board, made[part.what]);
        handles[part.what] = handle;
        parts.push({ what: part.what, did, url });
      } catch (error) {
        if (!(error instanceof SitefleetError)) throw error;
        // A token may have the right to one thing and not to another.
        parts.push({ what: part.what, did: "failed", reason: own(describeError(error)) });
      }
    }
    return { handles, result: { parts } };
  });
}

interface Part {
  readonly what: string;
  show(board: StatusBoard, known: string | undefined): Promise<Shown>;
}

/** What a report is shown by. A run that changed nothing is no deployment. Pure. */
function partsOf(
  report: Report,
  publish: Publish,
  { text, own, incident }: { text: string; own: (text: string) => string; incident: boolean },
): Part[] {
  const { run, outcome, target, stacks, wentBack, escalated } = report;
  const commits = report.commits.filter((commit) => /^[0-9a-f]{40}$/.test(commit));
  const standing = STANDING[outcome];
  const environment = publish.environment ?? (target || "production");
  const deployed = stacks.length > 0;
  const parts: Part[] = commits.slice(0, COMMITS).flatMap((commit): Part[] => [
    {
      what: `status ${commit}`,
      show: (board) => board.status(commit, `sitefleet/${target || "estate"}`, standing, text),
    },
    ...(deployed
      ? [
          {
            what: `deployment ${commit}`,
            show: (board: StatusBoard, known: string | undefined) =>
              board.deployment(commit, run, { environment, standing, text }, known),
          },
        ]
      : []),
  ]);
  const [commit] = commits;
  if (deployed && outcome === "done" && commits.length === 1 && commit !== undefined)
    parts.push({ what: `tag ${commit}`, show: (board) => board.tag(commit, `deploy-${run}`) });
  if (deployed || outcome === "failed") {
    const issue = { mark: `run ${run}`, label: publish.label, title: `Deployment ${run}`, over: outcome === "done" };
    parts.push({
      what: "issue",
      show: (board, known) => board.issue({ ...issue, body: own(renderReport(report)) }, known),
    });
  }
  if (incident && (wentBack.length > 0 || escalated.length > 0)) {
    const what = { mark: `incident ${run}`, label: INCIDENT_LABEL, title: `Incident: ${text}`, over: false };
    parts.push({
      what: "incident",
      show: (board, known) => board.issue({ ...what, body: own(renderReport(report)) }, known),
    });
  }
  return parts;
}

/** A report in a line. Pure. */
function sentence({ outcome, total, figures, wentBack }: Report): string {
  const { created, changed, replaced, deleted } = total;
  const counts = [
    [created, "created"],
    [changed, "changed"],
    [replaced, "replaced"],
    [deleted, "deleted"],
  ] as const;
  const said = counts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []));
  const parts = [
    said.length > 0 ? said.join(", ") : "nothing changed",
    ...(figures.failedStacks > 0 ? [`${figures.failedStacks} of ${figures.stacks} stacks failed`] : []),
    ...(wentBack.length > 0 ? ["went back"] : []),
    ...(figures.minutes === undefined ? [] : [`${figures.minutes} min`]),
  ];
  return `${outcome === "open" ? "goes on" : outcome}: ${parts.join("; ")}`;
}
