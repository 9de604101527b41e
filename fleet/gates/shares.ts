import type { Item, Kind, StackFacts } from "../run/preflight/types.ts";
import type { GateFinding } from "./types.ts";

/** Kinds that are judged by their share, one and many. */
const NOUNS: Readonly<Partial<Record<Kind, readonly [string, string]>>> = {
  site: ["site", "sites"],
  service: ["service", "services"],
  secret: ["secret", "secrets"],
  record: ["DNS record", "DNS records"],
};

const goes = ({ fate }: Item): boolean => fate === "deleted" || fate === "replaced";
const updated = ({ fate }: Item): boolean => fate === "updated";

/** Shares of what there is, in each stack and in the estate: of each kind the widest one that is over is told. Pure. */
export function shareFindings(
  { percent, floor }: { readonly percent: number; readonly floor: number },
  stacks: readonly StackFacts[],
  what: "gone" | "updated",
): GateFinding[] {
  const counts = what === "gone" ? goes : updated;
  return (Object.keys(NOUNS) as Kind[]).flatMap((kind): GateFinding[] => {
    const share = (scope: string, some: readonly StackFacts[]) => {
      const items = some.flatMap(({ items }) => items.filter((item) => item.kind === kind));
      const part = items.filter(counts);
      return { scope, part: part.length, there: items.length, names: part.map(({ name }) => name).sort() };
    };
    const inRun = stacks.filter((one) => one.inRun);
    if (!inRun.some(({ items }) => items.some((item) => item.kind === kind && counts(item)))) return [];
    const over = [share("the estate", stacks), ...inRun.map((one) => share(`stack ${one.stack}`, [one]))]
      // In whole numbers: 3 of 10 is exactly 30 %.
      .filter(({ part, there }) => there >= floor && part * 100 > percent * there);
    const [worst] = over;
    if (worst === undefined) return [];
    const [one, many] = NOUNS[kind] as readonly [string, string];
    const shown = Math.round((worst.part * 1000) / worst.there) / 10;
    const fate = what === "gone" ? "deleted or replaced" : "updated";
    const others =
      over.length > 1 ? `; so it is in ${over.length - 1} more ${over.length === 2 ? "stack" : "stacks"}` : "";
    const noun = worst.there === 1 ? one : many;
    return [
      {
        sentence: `${worst.part} of ${worst.there} ${noun} (${shown} %) of ${worst.scope} would be ${fate}, more than ${percent} %${others}`,
        examples: worst.names,
      },
    ];
  });
}
