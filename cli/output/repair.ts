import type { RepairReport } from "../../fleet/engine/repair-report.ts";
import { say } from "./style.ts";

/** Says what was done about an interrupted stack, a line a resource. */
export function sayRepair({ stack, resources, brokenLocks }: RepairReport): void {
  for (const { user, host, pid } of brokenLocks)
    say(`${stack}: removed the lock of a dead process (${user}@${host}, ${pid})`);
  for (const { name, type, outcome, reason } of resources)
    say(`${stack}: ${outcome} ${type.split(":").at(-1)} ${name}: ${reason}`);
}
