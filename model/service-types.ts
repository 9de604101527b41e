import type { z } from "zod";
import type { Frozen } from "./frozen.ts";
import type { BuildShape, BuildStepShape } from "./shape/build.ts";
import type { DatabaseShape, SERVICE_KINDS, ServiceShape } from "./shape/services.ts";

// A service as the rest of sitefleet has it: the fields of services.yaml as its shape has them, with what may be left out there
// filled in. A new field of the shape is a field here.

type Written = z.output<typeof ServiceShape>;
/** Fields that have a value in the end, whatever the file leaves out. */
type Filled = "server" | "proxied" | "artifact" | "attested";

/** Kind of a service. */
export type ServiceKind = (typeof SERVICE_KINDS)[number];
/** A service's database. */
export type Database = Frozen<Required<z.output<typeof DatabaseShape>>>;
/** One command of a build. */
export type BuildStep = Frozen<Required<z.output<typeof BuildStepShape>>>;
/** How a service's artifact is made. */
export type ServiceBuild = Frozen<Omit<z.output<typeof BuildShape>, "steps">> & {
  readonly steps?: readonly BuildStep[];
};

/** One target on a host. */
export type Service = Frozen<Omit<Written, "database" | "build" | "health" | Filled>> &
  Frozen<Required<Pick<Written, Filled>>> & {
    /** The declared zone that holds the host. */
    readonly zone: string;
    readonly database?: Database;
    readonly build?: ServiceBuild;
    readonly health: Frozen<Required<Written["health"]>>;
  };
