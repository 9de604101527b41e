import type { Catalog } from "../model/index.ts";
import type { AnswerHeaders } from "./limits.ts";
import type { SettingValues } from "./setup.ts";

/** How well something is: a run can go on with a `warning`, and cannot with a `fault`. */
export const LEVELS = ["ok", "warning", "fault"] as const;
/** See {@link LEVELS}. */
export type Level = (typeof LEVELS)[number];

/** What a look at one thing came to. */
export interface Line {
  /** What was looked at, e.g. `backend.locks`; docs/reference/doctor.md lists all. Stable. */
  readonly id: string;
  readonly level: Level;
  /** One sentence. Never holds a secret. */
  readonly says: string;
  /** What to type or to do. @default nothing is to be done */
  readonly todo?: string;
}

/** All is well. Pure. */
export const ok = (id: string, says: string): Line => ({ id, level: "ok", says });
/** A run goes on, and a person should know. Pure. */
export const warning = (id: string, says: string, todo: string): Line => ({ id, level: "warning", says, todo });
/** A run would fail. Pure. */
export const fault = (id: string, says: string, todo: string): Line => ({ id, level: "fault", says, todo });

/** Something that is looked at. It reads and never writes. */
export interface Check {
  /** Id of its line when the look itself fails. */
  readonly id: string;
  /** What it asks, as people say it: "the state backend". */
  readonly title: string;
  /** @throws whatever the look meets; that becomes a line of its own */
  look(signal: AbortSignal): Promise<readonly Line[]>;
}

/** A check of two parts: an effect that gathers facts, and a pure judge. */
export function check<Facts>(
  id: string,
  title: string,
  gather: (signal: AbortSignal) => Facts | Promise<Facts>,
  judge: (facts: Facts) => readonly Line[],
): Check {
  return { id, title, look: async (signal) => judge(await gather(signal)) };
}

/** A vendor's answer to one question. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Parsed; undefined when it is no JSON. */
  readonly body: unknown;
}

/** Asks one vendor once, with the token of the environment. @throws Error when no answer comes */
export type Ask = (path: string, query?: Readonly<Record<string, string>>) => Promise<Answer>;

/** What a vendor is asked about. */
export interface Questions {
  readonly ask: Ask;
  readonly settings: SettingValues;
  readonly catalog: Catalog;
  /** ms since 1970. */
  readonly now: number;
}

/** Something at a vendor that a person chooses from when an estate is set up. */
export interface Choice {
  /** As it is written into files. */
  readonly value: string;
  /** What else tells it apart. @default nothing */
  readonly hint?: string;
}

/** What a vendor says of the account behind a token. It is read, never changed. */
export interface Account {
  /** Where its API is. Pure. @throws TypeError for an address that is none */
  address(env: NodeJS.ProcessEnv): string;
  /** What is looked at before a run on the vendor. */
  checks(questions: Questions): readonly Check[];
  /** Whose the token is, in a word. @throws Unanswered for a token that is not accepted, and where no API answers */
  whose(ask: Ask): Promise<string>;
  /** By setting, what can be chosen for it. @default nothing is known */
  readonly choices?: Readonly<Record<string, (ask: Ask) => Promise<readonly Choice[]>>>;
  /** The zones that the token sees. @default it has none */
  zones?(ask: Ask): Promise<readonly Choice[]>;
  /** The newest commit of a repository's branch, 40 hex digits; undefined where there is none. @param branch @default the repository's own */
  newest?(ask: Ask, repository: string, branch?: string): Promise<string | undefined>;
}
