import type { SecretDraft } from "../draft.ts";
import { type Entry, type Place, type Report, show } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { LimitShape, LimitsFile } from "../shape/limits.ts";
import { ReleaseShape, ReleasesFile } from "../shape/releases.ts";
import { SecretShape, SecretsFile } from "../shape/secrets.ts";
import type { Limit, Release } from "../types.ts";
import { checkShape, field, listField, ONCE, salvage, textsOf, withValue } from "./salvage.ts";

/** Reads releases.yaml. */
export function buildReleases(file: YamlFile, report: Report) {
  checkShape(file, ReleasesFile, report);
  const channels = field(file.value, "channels");
  if (typeof channels !== "object" || channels === null || Array.isArray(channels)) return undefined;
  const releases = Object.entries(channels).flatMap(([channel, raw]) => {
    const entry = salvage(ReleaseShape, file, ["channels", channel], raw);
    if (!entry) return [];
    const repositories: Record<string, { ref: string }> = {};
    for (const [name, pin] of Object.entries(entry.value.repositories)) {
      // GitHub does not tell upper from lower case in a repository's name.
      const key = name.toLowerCase();
      if (Object.hasOwn(repositories, key)) {
        report(
          "release.repository",
          entry.at("repositories", name),
          `${show(name)} is pinned twice`,
          "one spelling, one pin",
        );
      }
      repositories[key] = pin;
    }
    return [
      withValue<{ channel: string; release: Release }>(entry, {
        channel,
        release: { ref: entry.value.ref, repositories },
      }),
    ];
  });
  return { releases, channels: new Set(Object.keys(channels)) };
}

/** Fields of secrets.yaml whose values messages may repeat. */
const SHOWN: ReadonlySet<unknown> = new Set(["name", "source", "repository", "environment"]);

/** Reads secrets.yaml. */
export function buildSecrets(file: YamlFile, report: Report) {
  // A person may have pasted a real secret, so messages repeat only names.
  checkShape(file, SecretsFile, report, (path) => !SHOWN.has(path.at(-1)));
  const list = listField(file.value, "secrets");
  if (!list) return undefined;
  const secrets: Entry<SecretDraft>[] = list.flatMap((raw, index) => {
    const entry = salvage(SecretShape, file, ["secrets", index], raw);
    return entry ? [withValue(entry, asWritten(file, index, entry, report))] : [];
  });
  const github = SecretsFile.shape.github.safeParse(field(file.value, "github"), ONCE);
  const rotation = SecretsFile.shape.rotation.safeParse(field(file.value, "rotation"), ONCE);
  return {
    secrets,
    secretNames: new Set(textsOf(list, "name")),
    github: github.success ? github.data : undefined,
    rotation: rotation.success ? rotation.data : undefined,
  };
}

/** A secret's fixed value is a text. A number stands for the text that was written, unless YAML turns that into another one. */
function asWritten(file: YamlFile, index: number, entry: Entry<SecretDraft>, report: Report): SecretDraft {
  const { value } = entry.value;
  if (typeof value !== "number") return entry.value;
  const written = file.written(["secrets", index, "value"]);
  // A leading zero is reported already.
  if (written !== undefined && written !== String(value) && !/^[-+]?0[\do]/.test(written)) {
    report(
      "file.value",
      entry.at("value"),
      "the value is a number that is written otherwise, so another text would be used",
      "the text in quotes",
    );
  }
  return { ...entry.value, value: written ?? String(value) };
}

/** Reads limits.yaml. */
export function buildLimits(
  file: YamlFile,
  report: Report,
): { limits: Entry<Limit>[]; limitIds: Set<string>; limitsPlace: Place } | undefined {
  checkShape(file, LimitsFile, report);
  const list = listField(file.value, "limits");
  if (!list) return undefined;
  const limits = list.flatMap((raw, index) => {
    const entry = salvage(LimitShape, file, ["limits", index], raw);
    if (!entry) return [];
    const { unit = entry.value.per === null ? "items" : "calls", ...rest } = entry.value;
    return [withValue<Limit>(entry, { ...rest, unit })];
  });
  return { limits, limitIds: new Set(textsOf(list, "id")), limitsPlace: file.place(["limits"]) };
}
