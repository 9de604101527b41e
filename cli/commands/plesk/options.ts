import type { Command } from "commander";
import { SitefleetError } from "../../../errors/index.ts";
import { withCommon } from "../../context.ts";

/** Options of every command on services. */
export interface ServiceOptions {
  readonly service?: readonly string[];
  readonly all?: boolean;
}

const collect = (value: string, previous: string[] = []) => [...previous, value];

/** Adds `--service` to a command that works on all services when none is named. */
export function withServices(command: Command): Command {
  return withCommon(command).option(
    "--service <key>",
    "only this service; may be given several times (default: all)",
    collect,
  );
}

/** Adds `--service` and `--all` to a command that changes something: which services is always said. */
export function withNamedServices(command: Command): Command {
  return withCommon(command)
    .option("--service <key>", "this service; may be given several times", collect)
    .option("--all", "every service of the catalog");
}

/** Adds `--service` to a command on exactly one service. */
export function withOneService(command: Command): Command {
  return withCommon(command).requiredOption("--service <key>", "the service");
}

/** The keys that a changing command is about; empty stands for all. @throws SitefleetError `usage` */
export function namedServices({ service = [], all }: ServiceOptions): readonly string[] {
  if (all && service.length > 0) throw usage("--all and --service exclude each other");
  if (!all && service.length === 0) throw usage("which services? --service KEY (several times), or --all");
  return service;
}

function usage(message: string): SitefleetError {
  return new SitefleetError({ code: "usage", message, hint: "sitefleet plesk --help" });
}
