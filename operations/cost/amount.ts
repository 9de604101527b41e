import { SitefleetError } from "../../errors/index.ts";

/** Reads an amount of money above 0 from a command line. @throws SitefleetError `usage` */
export function readAmount(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
    throw new SitefleetError({ code: "usage", message: `${option} takes an amount like 25 or 12.50, not ${text}` });
  };
}
