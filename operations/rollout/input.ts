import { z } from "zod";
import { allowField, concurrencyFields, goneField, lockField } from "../kit/fields.ts";
import { flag } from "../kit/flags.ts";

/** How a rollout is carried out. */
export const rolloutFields = () => ({
  ...concurrencyFields(),
  ...lockField(),
  ...allowField(),
  ...goneField("what it held"),
});
/** What of the estate a rollout is about. */
export const scopeFields = () => ({
  services: flag(
    z.boolean().optional(),
    "--no-services",
    "leave the services of SSH hosts to a run of their own, also where rollout.yaml declares their wave",
  ),
});
const rollout = z.object(rolloutFields());
/** See {@link rolloutFields}. `allow`: beside those of the rollout's beginning. */
export type RolloutInput = z.infer<typeof rollout>;
