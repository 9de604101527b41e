// The plugin protocol is the same for stand-ins and for our own provider, so it lies with the latter.
export * from "../../../provider/framework/index.ts";
