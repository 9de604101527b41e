import { COMPONENT } from "../components/tokens.ts";
import { HOSTING } from "../vendors/index.ts";
import type { StackState } from "./desired.ts";
import { slice } from "./state.ts";

const SITE = COMPONENT.site;

/** Some sites of a cell, as an operation is limited to them. */
export interface SiteTargets {
  /** Hosts; also of sites that are to go. */
  readonly sites: readonly string[];
  /**
   * `releases`: nothing about them but their releases differs, so nothing else is looked at. `all`: everything of theirs.
   */
  readonly about: "releases" | "all";
  /** Everything else of the cell is as its declaration says, so that the stack is known whole afterwards. */
  readonly whole: boolean;
  /** Everything else was also declared by the program and the settings of today: then the stack's digest holds for all of it. @default false */
  readonly current?: boolean;
}

/**
 * The engine's targets for some sites of a cell. They are patterns, since a site may be new or about to be removed, and the engine
 * refuses a URN that is neither in the state nor declared. `**` stands for any text. Pure.
 */
export function targetUrns(stack: string, { sites, about }: Pick<SiteTargets, "sites" | "about">): string[] {
  const type = about === "releases" ? `${SITE}$${HOSTING.type("release")}` : `${SITE}**`;
  return sites.map((host) => `urn:pulumi:${stack}::sitefleet::${type}::${host}`);
}

/** What a cell's program has to declare of its state when an operation is limited to some sites. Pure. */
export function declaredOf<State extends StackState>(state: State, part: SiteTargets | undefined): State {
  if (part === undefined || state.kind !== "cell") return state;
  // Without any the engine gets no target either, and would delete what is not declared.
  if (part.sites.length === 0) throw new RangeError("a part of a cell without sites");
  return { ...state, ...slice(state, part.sites) };
}
