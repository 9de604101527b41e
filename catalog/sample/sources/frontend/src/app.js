export const release = "__RELEASE__";
