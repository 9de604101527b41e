import type { RandomPasswordArgs } from "@pulumi/random";
import { declared, left, type UndeclaredOf } from "../../components/undeclared/types.ts";

/** `random:index/randomPassword:RandomPassword`, read in terraform-provider-random 3.9; nothing is sent anywhere. */
export const randomPassword = {
  keepers: left("nothing", "a password is made once; rotation replaces it on purpose"),
  lower: declared("default", "false: only the digits named"),
  minLower: left("default", "0"),
  minNumeric: left("default", "0"),
  minSpecial: left("default", "0"),
  minUpper: left("default", "0"),
  number: left("default", "the older name of numeric"),
  numeric: declared("default", "false: only the digits named"),
  overrideSpecial: declared("nothing", "the digits of hexadecimal"),
  special: declared("default", "true: only the digits named"),
  upper: declared("default", "false: only the digits named"),
} satisfies UndeclaredOf<RandomPasswordArgs>;
