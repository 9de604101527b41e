import { quote } from "./quote.ts";

/**
 * Part of a script, one command: writes a note of one line to `state/`, in one rename. It fails on a full disk; the note from before
 * then stays what it was, where writing it in place would leave it empty.
 */
export function markBody(name: string, text: string): string {
  return `{ printf '%s\\n' ${quote(text)} >"$B/state/mark.next" && mv -f "$B/state/mark.next" "$B"/state/${quote(name)} || { rm -f "$B/state/mark.next"; false; }; }`;
}

/** The same where a note is a help: without room for it nothing else is kept from being done. */
export function markIfRoomBody(name: string, text: string): string {
  return `${markBody(name, text)} 2>/dev/null || say ${quote(`not-noted ${name}`)}`;
}
