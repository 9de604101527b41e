/** What a push changes, how risky that is, and how it should go out: docs/reference/analyse.md. */
export { type Analysis, analyse, commandsOf } from "./analyse.ts";
export { historyOf } from "./history.ts";
export { type Compared, comparePush, compareSource } from "./parts.ts";
export { readPush } from "./push.ts";
export { tellAnalysis } from "./words.ts";
