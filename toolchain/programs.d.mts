/** Says which build of the programs is the current one, and which sources it was made of. */
export const currentFile: string;
/** The current build when it is of the sources as they are now; else one without programs. @default of {@link currentFile} */
export function currentBuild(file?: string): { readonly entries: readonly string[] };
/** The file to start a program by: the one that set-up made where no source has changed since, else the source itself. @param entry its path from the project's root */
export function programFile(entry: string, env?: NodeJS.ProcessEnv): string;
/** Where a program keeps what it has found out for its next start, and by what it is known; undefined for one that is run from its sources. @param file what was started */
export function keepingOf(file?: string): { readonly dir: string; readonly program: string } | undefined;
