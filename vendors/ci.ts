/** What differs from estate to estate. */
export interface EstateOfWorkflows {
  /** Variables that notify.yaml names: secrets of the environments. @default none */
  readonly receivers?: readonly string[];
  /** The catalog's folder, from the repository's root. @default catalog */
  readonly catalog?: string;
  /** The branch that is carried out, and that pull requests are previewed against. @default main */
  readonly branch?: string | undefined;
  /** The configuration file, from the repository's root. @default Pulumi.prod.yaml */
  readonly config?: string;
}

/** A file of a vendor's CI. */
export interface WorkflowFile {
  /** Its name in {@link Workflows.folder}. */
  readonly name: string;
  readonly text: string;
}

/** How a vendor's CI runs an estate. */
export interface Workflows {
  /** Where it looks for its files, from the repository's root. */
  readonly folder: string;
  /** All files of an estate. Pure. */
  files(estate?: EstateOfWorkflows): WorkflowFile[];
  /** The branch that files in a folder name; undefined where there is none. */
  branchIn(dir: string): string | undefined;
}
