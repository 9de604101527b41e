import { vendorNamed } from "../../vendors/index.ts";

/** An API call as far as limits look at it. */
export interface ApiCall {
  readonly vendor: string;
  readonly method: string;
  /** Path without query, as the vendor sees it. */
  readonly path: string;
}

/** Ids of the limits that a call counts against; empty when none is known. Pure. */
export function limitsOfCall({ vendor, method, path }: ApiCall): string[] {
  const places = vendorNamed(vendor)?.limits?.places ?? [];
  return places
    .filter((place) => (place.methods === undefined || place.methods.includes(method)) && place.path.test(path))
    .map(({ id }) => id);
}
