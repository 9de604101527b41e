import type { Vendor } from "../vendor.ts";
import { grades } from "./grades.ts";

/** Codacy: grades of repositories. It has no resource of the estate. */
export const codacy: Vendor = { name: "codacy", title: "Codacy", providers: {}, types: {}, grades };
