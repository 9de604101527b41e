import { providerOfType } from "../../vendors/index.ts";
import { type Refusal, readRefusal } from "../../vendors/refusals.ts";

/** What a provider's error says of the vendor's answer; undefined when it names none. Pure. @param type Pulumi type of the resource or provider */
export function refusalIn(type: string, message: string): Refusal | undefined {
  const refusals = providerOfType(type)?.refusals;
  return refusals && readRefusal(refusals, message);
}

/** Whether trying again cannot help: the token, its rights, or something that another account holds. Pure. */
export const isPermanent = ({ permanent }: Refusal): boolean => permanent;
