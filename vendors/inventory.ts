import type { RecordSpec } from "../components/dns/plan.ts";
import { SitefleetError } from "../errors/index.ts";
import { fields, type Props, type ReadClient, type ReadOptions } from "./live.ts";
import type { Role } from "./role.ts";
import type { SettingValues } from "./setup.ts";

/** An object that a vendor has, reduced to what tells it from others and what the catalog can say of it. No value that is secret. */
export interface Seen {
  /** Name of the vendor. */
  readonly vendor: string;
  readonly role: Role;
  /** The vendor's id; unique among its objects of the role. */
  readonly id: string;
  /** As people know it: the name of a project, zone or secret, the host of a domain or record. */
  readonly name: string;
  /** Id of the object that it is a part of: the project of a domain, the zone of a record. @default none */
  readonly of?: string;
  /** Why it cannot be declared; completes "it …". @default it can */
  readonly unsupported?: string;
  /** The vendor made it by itself, and makes it again: it need not be declared. @default false */
  readonly automatic?: boolean;
  /** What else is known of it, by role: see `ProjectFacts`, `ReleaseFacts`, `RecordFacts`. */
  readonly facts: Props;
}

/** What is known of a project. */
export interface ProjectFacts {
  /** `owner/name`; absent: it is linked to no repository. */
  readonly repository?: string;
  readonly rootDirectory: string;
  readonly framework: string | null;
}

/** What is known of a release, which is what a project's hosts serve; its id is the deployment's. */
export interface ReleaseFacts {
  /** Absent: it was built from no commit that is known. */
  readonly commit?: string;
}

/** What is known of a DNS record. */
export type RecordFacts = Omit<RecordSpec, "host">;

/** One page that is to be read. */
export interface ScanTask {
  /** Name of the vendor. */
  readonly vendor: string;
  /** What is on it, in the vendor's own words. */
  readonly what: string;
  readonly args: Readonly<Record<string, string>>;
}

/** A page that was read. */
export interface ScanPage {
  readonly seen: readonly Seen[];
  /** Pages that are to be read because of it. */
  readonly next: readonly ScanTask[];
}

/** What a vendor is asked with. */
export interface ScanContext {
  readonly env: NodeJS.ProcessEnv;
  readonly settings: SettingValues;
  /** Where jobs get their secrets from: `owner/name`, and the environment's name. */
  readonly secrets: { readonly repository: string; readonly environment: string };
  /** Also the names of projects' variables, a page a project. @default true */
  readonly variables?: boolean;
}

/** Reads all that a vendor has, page by page. Never writes. */
export interface Scanner {
  /** How its API is read. Pure. */
  api(context: ScanContext): ReadOptions;
  /** The first pages. Pure. */
  begin(context: ScanContext): readonly ScanTask[];
  /** Reads one page. @throws SitefleetError `repair.vendor`, `adopt.answer` */
  read(task: ScanTask, client: ReadClient): Promise<ScanPage>;
}

/**
 * A list in an answer that must have one. A page that holds something else is never taken for an empty one.
 *
 * @throws SitefleetError `adopt.answer`
 */
export function listIn(answer: unknown, key: string, { vendor, what }: ScanTask): readonly Props[] {
  const list = fields(answer)[key];
  if (Array.isArray(list)) return list.map(fields);
  throw new SitefleetError({
    code: "adopt.answer",
    message: `the answer has no list \`${key}\``,
    subject: `${vendor} ${what}`,
    hint: "run it again: what was read so far is kept",
  });
}

/** Times that a list which changes while it is read is begun again. */
const BEGIN_AGAIN = 5;

/**
 * The page after a numbered one. What is made or deleted meanwhile moves entries from page to page: when the total has changed, the
 * list is read from its beginning. Entries that were read twice are one. Pure.
 *
 * @param total entries of the whole list, as this page says it
 * @throws SitefleetError `adopt.answer` when it never stays the same
 */
export function nextPage({ vendor, what, args }: ScanTask, total: number, perPage: number): ScanTask[] {
  const { page: number = "1", total: before = String(total), again = "0", ...rest } = args;
  const task = (more: ScanTask["args"]): ScanTask => ({ vendor, what, args: { ...rest, ...more } });
  if (before !== String(total)) {
    if (Number(again) < BEGIN_AGAIN) return [task({ again: String(Number(again) + 1) })];
    throw new SitefleetError({
      code: "adopt.answer",
      message: `the list changed ${BEGIN_AGAIN + 1} times while it was read`,
      subject: `${vendor} ${what}`,
      hint: "run it again when fewer others work on it",
    });
  }
  if (Number(number) * perPage >= total) return [];
  return [task({ again, page: String(Number(number) + 1), total: before })];
}
