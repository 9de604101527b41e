/**
 * Splits an import id such as `team_x/prj_y`: the team may be left out.
 *
 * @param parts how many parts follow the team
 * @throws when the number of parts is another one
 */
export function splitId(
  id: string,
  parts: 1 | 2,
  what: string,
  format: string,
): { team: string | undefined; rest: string[] } {
  const pieces = id.split("/");
  if (pieces.length === parts) return { team: undefined, rest: pieces };
  if (pieces.length === parts + 1) return { team: pieces[0], rest: pieces.slice(1) };
  throw new Error(`Error importing ${what}: Invalid id '${id}' specified. should be in format ${format}`);
}
