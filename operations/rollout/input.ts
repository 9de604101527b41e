import { z } from "zod";
import { allowField, concurrencyFields, goneField, lockField } from "../kit/fields.ts";

/** How a rollout is carried out. */
export const rolloutFields = () => ({
  ...concurrencyFields(),
  ...lockField(),
  ...allowField(),
  ...goneField("what it held"),
});
const rollout = z.object(rolloutFields());
/** See {@link rolloutFields}. `allow`: beside those of the rollout's beginning. */
export type RolloutInput = z.infer<typeof rollout>;
