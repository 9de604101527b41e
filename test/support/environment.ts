// Pure unit tests share their worker's modules. The process's environment is put back before each file, so that none sees what
// another has set.
const kept = Symbol.for("sitefleet.test.environment");
const holder = globalThis as { [kept]?: NodeJS.ProcessEnv };
holder[kept] ??= { ...process.env };
for (const name of Object.keys(process.env)) if (!(name in holder[kept])) delete process.env[name];
Object.assign(process.env, holder[kept]);
