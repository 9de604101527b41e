import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import { flag } from "../../kit/flags.ts";

/** Which services an operation is about that works on all when none is named. */
export const servicesFields = () => ({
  service: flag(
    z.array(z.string()).optional(),
    "--service <key>",
    "only this service; may be given several times (default: all)",
  ),
});

/** Which services an operation is about that changes something: they are always said. */
export const namedFields = () => ({
  service: flag(z.array(z.string()).optional(), "--service <key>", "this service; may be given several times"),
  all: flag(z.boolean().optional(), "--all", "every service of the catalog"),
});

/** The keys that a changing operation is about; empty stands for all. Pure. @throws SitefleetError `usage` */
export function namedServices({
  service = [],
  all,
}: {
  readonly service?: readonly string[] | undefined;
  readonly all?: boolean | undefined;
}): readonly string[] {
  if (all && service.length > 0) throw usage("--all and --service exclude each other");
  if (!all && service.length === 0) throw usage("which services? --service KEY (several times), or --all");
  return service;
}

function usage(message: string): SitefleetError {
  return new SitefleetError({ code: "usage", message, hint: "sitefleet plesk --help" });
}
