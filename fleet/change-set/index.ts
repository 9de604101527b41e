/** What a preview found over all stacks: building, reading, comparing and showing it. */
export { buildChangeSet } from "./build.ts";
export { channelsOf } from "./channels.ts";
export { sameChanges } from "./compare.ts";
export { changeSetJson, checkWritable, readChangeSet, writeDocument } from "./file.ts";
export { type ReviewedStack, reviewedStacks } from "./live.ts";
export { isPartOf } from "./part-of.ts";
export { renderHtml } from "./render/html.ts";
export { renderMarkdown } from "./render/markdown.ts";
export { renderTerminal } from "./render/terminal.ts";
export { type ChangeSet, changeSetShape } from "./shape.ts";
