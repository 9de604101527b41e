import { environment } from "../../environment/index.ts";
import type { Properties, Props } from "./properties.ts";

/** Keys that the engine and the SDKs put beside a provider's own configuration. */
const ENGINE_KEYS = new Set(["version", "pluginDownloadURL", "pluginDownloadUrl", "pluginChecksums", "__internal"]);

/** Provider configuration as the provider sees it: environment variables and defaults filled in, JSON texts parsed. */
export function withEnvironment(properties: Properties, config: Props, env: NodeJS.ProcessEnv = environment()): Props {
  const result: Props = {};
  for (const key in config) if (!ENGINE_KEYS.has(key)) result[key] = config[key];
  for (const key in properties) {
    const property = properties[key]!;
    if (result[key] === undefined || result[key] === "") {
      const found = property.env?.map((name) => env[name]).find((value) => value !== undefined && value !== "");
      const value = found ?? property.default;
      if (value !== undefined) result[key] = value;
    }
    // The engine passes configuration as text; everything but text is JSON in it.
    const value = result[key];
    if (typeof value === "string" && property.type !== "string") result[key] = parse(value);
  }
  return result;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
