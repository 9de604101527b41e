import { fault, type Line, ok, warning } from "../../vendors/checkup.ts";

/** How room on a disk is judged. */
export interface RoomLimits {
  /** Below it work cannot begin, bytes. */
  readonly least: number;
  /** Below it a person is told, bytes. */
  readonly little: number;
  /** What makes room. */
  readonly todo: string;
  /** What it is for. @default not said */
  readonly use?: string;
}

/** Judges the room on a disk. Pure. @param free bytes */
export function roomLine(id: string, free: number, { least, little, todo, use }: RoomLimits): Line {
  const says = `${Math.floor(free / 2 ** 20)} MiB are free${use === undefined ? "" : ` for ${use}`}`;
  if (free < least) return fault(id, says, todo);
  return free < little ? warning(id, says, todo) : ok(id, says);
}
