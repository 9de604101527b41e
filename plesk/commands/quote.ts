import { randomBytes } from "node:crypto";

/**
 * One word of a POSIX shell, whatever it holds. Always quoted, so that a review need not ask whether it had to be.
 *
 * @throws TypeError on a NUL byte, which no shell word can hold.
 */
export function quote(word: string): string {
  if (word.includes("\0")) throw new TypeError("a shell word cannot hold a NUL byte");
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * A here-document with literal content: the only way to hand text to a remote command that shows up in no process list.
 * The content gets a closing newline when it lacks one.
 *
 * @param delimiter Line that ends it; must not occur as a line of the content. @default a random one
 */
export function hereDocument(content: string, delimiter = `SITEFLEET_${randomBytes(12).toString("hex")}`): string {
  if (content.includes("\0")) throw new TypeError("a here-document cannot hold a NUL byte");
  if (content.split("\n").includes(delimiter)) throw new TypeError("the delimiter occurs in the content");
  const body = content === "" || content.endsWith("\n") ? content : `${content}\n`;
  return `<<'${delimiter}'\n${body}${delimiter}`;
}
