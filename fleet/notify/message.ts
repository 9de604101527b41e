import type { Topic } from "../../model/index.ts";
import type { RunEntry, RunEvent } from "../events/types.ts";

/** What one thread tells now: a run, an incident or an alert. All texts are harmless lines (`plainLine`). */
export interface Message {
  /** Id of the run's stream, of the incident, or of the alert. */
  readonly thread: string;
  /** What has just happened. */
  readonly topic: Topic;
  /** ISO 8601. */
  readonly at: string;
  /** One line. */
  readonly title: string;
  readonly lines: readonly string[];
  /** Nothing follows in this thread. */
  readonly over: boolean;
}

/** Topics that a person is to look at now: told apart from the updated message, and also in quiet hours where they escalate. */
export const URGENT: ReadonlySet<Topic> = new Set([
  "approval",
  "paused",
  "failed",
  "went-back",
  "escalated",
  "drift",
  "incident",
  "alert",
  "warning",
]);
/** Topics that quiet hours do not hold back. */
export const ESCALATES: ReadonlySet<Topic> = new Set(["escalated", "incident", "drift", "alert"]);

/** Ends by exit code in which nothing failed, and something is left for a person or the next run (docs/reference/cli.md). */
const WAITS: Readonly<Record<number, string>> = {
  3: "something is left for the next run",
  4: "done, and could not be judged",
  130: "was stopped",
};

/** Longest list in a message. */
const LISTED = 6;

/** What an event is about for people; undefined when it is none of their business by itself. Pure. */
export function topicOf(event: RunEvent, entries: readonly RunEvent[]): Topic | undefined {
  switch (event.event) {
    case "started":
      return event.total > 0 ? "started" : undefined;
    case "approval-waiting":
      return "approval";
    case "wave-passed":
      return "wave";
    case "wave-failed":
      return "failed";
    case "paused":
      return "paused";
    case "went-back":
      return "went-back";
    case "escalated":
      return "escalated";
    case "drift":
      return event.changes > 0 ? "drift" : undefined;
    case "ended":
      // It waits: the line to paste stays the news.
      if (entries.at(-2)?.event === "approval-waiting") return undefined;
      if (WAITS[event.exitCode] !== undefined)
        return entries.some(({ event: before }) => before === "paused") ? undefined : "paused";
      if (!event.ok) return "failed";
      // A run that had nothing to do is no news.
      return entries.some(isNews) ? "done" : undefined;
    default:
      return undefined;
  }
}

const isNews = (event: RunEvent): boolean =>
  (event.event === "started" && event.total > 0) || event.event.startsWith("wave-") || event.event === "stack-ended";

/** The message of a run after these events; the last one is the news. Pure. */
export function messageOf(thread: string, topic: Topic, entries: readonly RunEntry[]): Message {
  const start = entries.find((entry) => entry.event === "started");
  const news = entries.at(-1);
  const what = start ? `${start.operation} on ${start.target}` : "sitefleet";
  return {
    thread,
    topic,
    at: news?.at ?? "",
    title: `${what}: ${headline(topic, news)}`,
    lines: [
      ...approval(entries),
      ...(start ? [`by ${start.by}, run ${runOf(entries) ?? thread}`] : []),
      ...progress(entries),
      ...told(entries, "wave-passed", ({ wave, reason }) => `wave ${wave} passed: ${reason}`),
      ...told(entries, "wave-failed", ({ wave, reason }) => `wave ${wave} failed: ${reason}`),
      ...told(entries, "judged", ({ verdict, reason }) => `judged: ${verdict}, ${reason}`),
      ...told(entries, "went-back", ({ ok, what }) => `${ok ? "went back" : "going back failed"}: ${what}`),
      ...told(entries, "escalated", ({ reason, done }) => `escalated: ${reason}; ${done}`),
      ...detail(news),
    ],
    over: news?.event === "ended",
  };
}

function headline(topic: Topic, news: RunEntry | undefined): string {
  switch (topic) {
    case "approval":
      return "waits for an approval";
    case "started":
      return "started";
    case "wave":
      return news?.event === "wave-passed" ? `wave ${news.wave} passed` : "goes on";
    case "paused":
      if (news?.event === "ended") return WAITS[news.exitCode] ?? "ended";
      return news?.event === "paused" ? `paused by ${news.by}` : "paused";
    case "done":
      return "done";
    case "failed":
      return news?.event === "wave-failed" ? `wave ${news.wave} failed` : "failed";
    case "went-back":
      return news?.event === "went-back" && !news.ok ? "going back failed" : "went back";
    case "drift":
      return "drift found";
    default:
      return "escalated";
  }
}

const runOf = (entries: readonly RunEntry[]): string | undefined =>
  entries.findLast((entry) => entry.event === "ended")?.run;

function told<Name extends RunEvent["event"]>(
  entries: readonly RunEntry[],
  name: Name,
  line: (entry: Extract<RunEvent, { event: Name }>) => string,
): string[] {
  return entries
    .filter((entry) => entry.event === name)
    .slice(-LISTED)
    .map((entry) => line(entry as unknown as Extract<RunEvent, { event: Name }>));
}

function progress(entries: readonly RunEntry[]): string[] {
  const ended = entries.filter((entry) => entry.event === "stack-ended");
  if (ended.length === 0) return [];
  const sum = (name: "created" | "changed" | "replaced" | "deleted") =>
    ended.reduce((total, { counts }) => total + counts[name], 0);
  const failed = ended.filter(({ ok }) => !ok);
  const figures = `${sum("created")} created, ${sum("changed")} changed, ${sum("replaced")} replaced, ${sum("deleted")} deleted`;
  const errors = failed.slice(0, LISTED).map(({ stack, errors }) => `${stack}: ${errors[0] ?? "failed"}`);
  const more = failed.length > LISTED ? [`and ${failed.length - LISTED} stacks more`] : [];
  return [
    `${ended.length} ${ended.length === 1 ? "stack" : "stacks"}, ${failed.length} failed: ${figures}`,
    ...errors,
    ...more,
  ];
}

function detail(news: RunEntry | undefined): string[] {
  if (news?.event === "paused") return [news.reason];
  if (news?.event === "drift")
    return [`${news.changes} changes that no one declared: ${news.examples.slice(0, LISTED).join(", ")}`];
  if (news?.event === "ended" && news.reason !== undefined) return [`${news.code ?? "error"}: ${news.reason}`];
  return [];
}

/** What a run that waits wants a yes to, and how it is given: first, since it must not be cut off. */
function approval(entries: readonly RunEntry[]): string[] {
  const news = entries.at(-1);
  if (news?.event !== "approval-waiting") return [];
  const decided = entries.findLast((entry) => entry.event === "gates-decided");
  return [
    ...(decided?.sentences.slice(0, LISTED) ?? []),
    `change set ${news.digest.slice(0, 12)}`,
    `to approve: ${news.how}`,
    ...(news.review === undefined ? [] : [`or ${news.review}`]),
  ];
}
