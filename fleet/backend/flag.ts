/** Whether a variable of the engine is switched on, as the engine itself reads it (`cmdutil.IsTruthy`). Pure. */
export const isSet = (value: string | undefined): boolean => /^(1|true)$/i.test(value ?? "");
