import type { Answer, Expected, Finding, Seen, Target } from "../types.ts";

/** Longest release that is taken for one. */
const LONGEST = 128;

/** The release that an answer names by a header or a meta element. Pure. */
export function releaseIn(answer: Answer, { header, meta }: Target["check"]["release"]): string | undefined {
  const named = header === null ? undefined : clean(answer.headers[header]);
  return named ?? (meta === null ? undefined : clean(metaContent(answer.body, meta)));
}

/** The release that a file names which holds nothing else. Pure. */
export function releaseFile({ answer }: Seen): string | undefined {
  return answer?.status === 200 ? clean(answer.body) : undefined;
}

function clean(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? "";
  return trimmed !== "" && trimmed.length <= LONGEST && /^[\x21-\x7e]+$/.test(trimmed) ? trimmed : undefined;
}

/** The content of `<meta name="NAME" content="…">`, attributes in any order. */
function metaContent(body: string, name: string): string | undefined {
  for (const [element] of body.matchAll(/<meta\s[^>]{1,1000}>/gi)) {
    const attribute = (key: string) =>
      new RegExp(`\\s${key}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "i")
        .exec(element)
        ?.slice(1)
        .find((text) => text !== undefined);
    if (attribute("name") === name) return attribute("content");
  }
  return undefined;
}

/** Whether the release that answers is the expected one; undefined expectations are not judged. Pure. */
export function judgeRelease(found: string | undefined, expected: Expected, required: boolean): Finding | undefined {
  const wanted = [expected.ref, expected.deployment, expected.release].filter((value) => value !== undefined);
  if (found === undefined) {
    if (wanted.length === 0) return undefined;
    return { about: "release", verdict: required ? "fail" : "note", text: "does not say which release it is" };
  }
  if (wanted.length === 0) return { about: "release", verdict: "note", text: `is release ${short(found)}` };
  if (wanted.includes(found)) return { about: "release", verdict: "pass", text: `is release ${short(found)}` };
  return {
    about: "release",
    verdict: "fail",
    text: `is release ${short(found)}, not ${wanted.map(short).join(" or ")}`,
  };
}

const short = (id: string): string => (/^[0-9a-f]{40,}$/.test(id) ? id.slice(0, 12) : id.slice(0, 60));
