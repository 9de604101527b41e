import type { z } from "zod";
import type { Frozen } from "./frozen.ts";
import type { CheckLayerShape, ChecksFile } from "./shape/checks.ts";

/** A part of a {@link Check}, as a layer of checks.yaml has it. */
export type CheckLayer = Frozen<z.output<typeof CheckLayerShape>>;
type Part = "release" | "tls" | "slow";
/** How a host's answer is checked: all layers over the defaults of `model/checks.ts`, so every field has a value. */
export type Check = Required<Omit<CheckLayer, Part>> & {
  readonly [Key in Part]: Required<NonNullable<CheckLayer[Key]>>;
};
/** checks.yaml: layers from the general to the special. */
export type Checks = Frozen<z.output<typeof ChecksFile>>;
/** Where from, and on which way, hosts are asked. */
export type Vantage = Checks["vantages"][number];
