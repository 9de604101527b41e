import type { Resource } from "./deployment.ts";

/** Bytes that are no text: inside a secret they cannot be seen. */
export const BYTE_STRING = "byteString";

/** What an older engine would lose of a resource, by the feature that keeps it from reading the state. */
const FEATURES: readonly (readonly [feature: string, has: (resource: Resource) => boolean])[] = [
  ["extensionParameterization", ({ extensionRef }) => Boolean(extensionRef)],
  ["hooks", ({ resourceHooks }) => resourceHooks != null && Object.keys(resourceHooks).length > 0],
  ["refreshBeforeUpdate", ({ refreshBeforeUpdate }) => refreshBeforeUpdate === true],
  ["replaceWith", ({ replaceWith }) => (replaceWith?.length ?? 0) > 0],
  ["snippets-prototype", ({ snippetID }) => Boolean(snippetID)],
  ["taint", ({ taint }) => taint === true],
  ["views", ({ viewOf }) => Boolean(viewOf)],
];

/**
 * The features that a state with these resources needs, in order (ApplyFeatures in pulumi's pkg/resource/stack/deployment.go,
 * 3.276). Pure.
 *
 * @param resources those it holds and those of its pending operations
 * @param besides what the state needs beside its resources
 */
export function featuresOf(
  resources: readonly Resource[],
  besides: { readonly byteString: boolean; readonly snippets: boolean },
): readonly string[] {
  const needed = FEATURES.filter(([, has]) => resources.some(has)).map(([feature]) => feature);
  // The engine notes it only of a state that holds something.
  if (besides.byteString && resources.length > 0) needed.push(BYTE_STRING);
  if (besides.snippets && !needed.includes("snippets-prototype")) needed.push("snippets-prototype");
  return needed.sort();
}
