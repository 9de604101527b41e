import { ownCommands, paidSetting, pinnedHostKey, privatePreviews, protectedThings, stableName } from "./account.ts";
import { declaredZone, hiddenWildcard } from "./dns.ts";
import type { Rule } from "./resource.ts";
import { plainSecret } from "./secrets.ts";

/** All rules, in the order of docs/reference/policies.md. */
export const RULES: readonly Rule[] = [
  plainSecret,
  pinnedHostKey,
  hiddenWildcard,
  declaredZone,
  protectedThings,
  privatePreviews,
  paidSetting,
  ownCommands,
  stableName,
];
