import type { Area, GateId } from "../../model/index.ts";
import type { Change } from "../change-set/shape.ts";
import type { StackFacts } from "../run/preflight/types.ts";

/** What of a change the gates look at. */
export type GateChange = Pick<Change, "stack" | "op" | "type" | "name" | "parent" | "component">;

/** A figure from elsewhere. `unknown` with the reason when its source does not say. */
export type Figure = { readonly value: number } | { readonly unknown: string };

/** Everything that the rules judge. */
export interface GateFacts {
  /** `back`: no window, freeze, count or share stops it, only what would be lost. @default forward */
  readonly direction?: "forward" | "back";
  readonly changes: readonly GateChange[];
  /** What becomes of all that the stacks of the estate hold. */
  readonly stacks: readonly StackFacts[];
  /** Production sites that there are before the run. */
  readonly live: number;
  /** Releases among what is declared that are remembered as bad, `repository@commit`. */
  readonly bad: readonly string[];
  /** Services with a migration that no tool can undo. */
  readonly migrations: readonly string[];
  /** Of a rollback: what would stay lost, a sentence each. @default what the changes themselves say */
  readonly lost?: readonly string[] | undefined;
  readonly now: Date;
  /** Services and sites that a person has named as the hotfix. @default none */
  readonly hotfix?: readonly string[];
  /** Euros a month that the account would cost. @default not known */
  readonly cost?: Figure;
  /** Artifacts that would be deployed, and who has signed them. @default none */
  readonly artifacts?: readonly SignedArtifact[];
  /** The change alters quality.yaml. @default false */
  readonly qualityAltered?: boolean;
  /** Checks that quality.yaml asks of what would be deployed, and that are not green. @default none are asked */
  readonly quality?: readonly OpenCheck[];
}

/** A check of quality.yaml that is not green for what would be deployed. */
export interface OpenCheck {
  /** Key of the service. */
  readonly service: string;
  /** `axe`, or of a repository `gitleaks of platform`. */
  readonly check: string;
  readonly state: "fail" | "not-run";
  /** The figures that are not what they must be, or why nothing is known. */
  readonly why: string;
}

/** An artifact that would be deployed. */
export interface SignedArtifact {
  /** Key of its service. */
  readonly service: string;
  /** The key with whose signature it fits, `type base64`; undefined where there is none. */
  readonly key?: string | undefined;
  /** Why there is none. */
  readonly problem?: string | undefined;
}

/** The rule that no gates.yaml can relax: what an agent begins needs a person's yes. */
export const AGENT_RULE = "agent";

/** What a rule found. */
export interface Verdict {
  readonly rule: GateId | typeof AGENT_RULE;
  /** `inform`: it is told; `approve`: it needs an approval; `stop`: it is refused. */
  readonly severity: "inform" | "approve" | "stop";
  /** The finding in one sentence, with its figures. */
  readonly sentence: string;
  /** Approvers of this area may say yes. */
  readonly area: Area;
  /** So many of them must. */
  readonly approvals: number;
  /** The first names concerned. */
  readonly examples: readonly string[];
  /** The figure that the rule needs is not known. */
  readonly unknown?: true;
  /** A person has lifted it for this run, by name: it stops no more, and asks for an approval instead. */
  readonly lifted?: true;
}

/** What one rule says. */
export interface GateFinding {
  readonly sentence: string;
  readonly examples?: readonly string[];
  /** In place of the rule's own. */
  readonly severity?: Verdict["severity"] | "off";
  readonly unknown?: true;
  /** A way out that the rule itself offers was taken. */
  readonly answered?: boolean;
}
