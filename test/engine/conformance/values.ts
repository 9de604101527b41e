/** Property values of a resource or of a call. */
export type Values = Record<string, unknown>;
