// The driver as a program: node plesk/main.ts deploy|plan|retire, one JSON document on stdin, one line of JSON on stdout. It is what
// Pulumi's command provider runs; people use the sitefleet command.
//
// Twenty-two of these start in one deployment. The compile cache, which must be on before anything is imported, halves the CPU time
// of each.
import { enableCompileCache } from "node:module";
import { programFile } from "../toolchain/programs.mjs";

enableCompileCache();
const { main } = (await import(programFile("plesk/program.ts"))) as typeof import("./program.ts");
process.exitCode = await main();
