/** The words of checks; see `checks/`. */
export * from "../../checks/types.ts";
