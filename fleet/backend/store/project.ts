import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../../stacks/root.ts";

/** The project's name in Pulumi.yaml: backends keep its stacks and locks in folders of that name. */
export const PROJECT_NAME: string = parse(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8")).name;

/** Folder of the states of its stacks in a directory, bucket or table. */
export const STACKS = `.pulumi/stacks/${PROJECT_NAME}`;

/** Organisation of every stack in a directory, bucket or table. */
export const ORGANIZATION = "organization";
