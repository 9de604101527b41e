import { z } from "zod";
import { flag } from "../kit/flags.ts";

const names = () => z.array(z.string()).optional();
const words = (text: string, before: unknown) => [...((before as string[] | undefined) ?? []), ...text.split(",")];

/** What is checked. */
export const qualityFields = () => ({
  service: flag(names(), "--service <key>", "this service; may be given several times", words),
  repository: flag(names(), "--repository <key>", "this repository of quality.yaml; may be given several times", words),
  site: flag(names(), "--site <host>", "this site, by Lighthouse; may be given several times", words),
  only: flag(names(), "--only <check>", "only this check; may be given several times", words),
});
