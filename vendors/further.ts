import { delimiter, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SitefleetError } from "../errors/index.ts";
import type { Vendor } from "./vendor.ts";

/** The project's root, which relative paths begin at. */
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Vendors beside the project's own.
 *
 * @param paths modules whose default export is a vendor, divided as PATH is; relative ones begin at the project. @default none
 * @throws SitefleetError `environment.invalid`
 */
export async function furtherVendors(paths: string | undefined): Promise<Vendor[]> {
  const named = (paths ?? "").split(delimiter).filter((path) => path !== "");
  return Promise.all(
    named.map(async (path) => {
      const refused = (message: string, cause?: unknown) =>
        new SitefleetError({
          code: "environment.invalid",
          message: `SITEFLEET_VENDORS names ${message}`,
          subject: path,
          hint: "modules with a vendor as their default export (vendors/vendor.ts)",
          cause,
        });
      const url = pathToFileURL(resolve(ROOT, path)).href;
      const loaded = (await import(url).catch((cause: unknown) => {
        throw refused("a module that cannot be loaded", cause);
      })) as { readonly default?: Partial<Vendor> };
      const vendor = loaded.default;
      if (typeof vendor?.name !== "string" || vendor.providers === undefined || vendor.types === undefined)
        throw refused("a module that is no vendor");
      return vendor as Vendor;
    }),
  );
}
