import { randomBytes } from "node:crypto";
import type { Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { escapeHtml, page } from "../web/html.ts";
import type { Database } from "./database.ts";

/** What a program of a service works with. */
export interface Place {
  /** Address of the service, without a slash at the end. */
  readonly origin: string;
  readonly database: Database;
  /** Sends a mail over SMTP. */
  mail(to: string, subject: string, text: string): Promise<void>;
  /** Is this function of the release broken, as its `application.json` says? */
  broken(what: string): boolean;
}

/** A program of a service: its pages, and the statements that make its tables. */
export interface Application {
  readonly tables: string;
  routes(app: Hono, place: (context: Context) => Place): void;
}

/** The cookie of a session. It is the page's own and needs no consent. */
const SESSION = "session";

/** The visitor's session; a new one when there is none. Sessions last as long as the sandbox's process. */
export function sessionOf(context: Context): string {
  const known = getCookie(context, SESSION);
  if (known !== undefined && /^[0-9a-f]{32}$/.test(known)) return known;
  return newSession(context);
}

/** A session under a new name, so that one that was set before the login is worth nothing. */
export function newSession(context: Context): string {
  const session = newToken();
  setCookie(context, SESSION, session, { httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
  return session;
}

/** Ends the session. */
export const endSession = (context: Context): void => void deleteCookie(context, SESSION, { path: "/" });

/** 128 random bits as hex. */
export const newToken = (): string => randomBytes(16).toString("hex");

/** A page of a program. `body` is HTML already. */
export const shows = (context: Context, title: string, body: string, status: 200 | 400 | 403 | 404 = 200) =>
  context.html(page(title, `<h1>${escapeHtml(title)}</h1>\n${body}`), status);

/** A paragraph with text. */
export const says = (text: string): string => `<p>${escapeHtml(text)}</p>`;
/** A link. */
export const link = (to: string, name: string): string => `<p><a href="${escapeHtml(to)}">${escapeHtml(name)}</a></p>`;

/** A form: fields by label, and a button. */
export function form(
  action: string,
  fields: Readonly<Record<string, readonly [string, string]>>,
  button: string,
): string {
  const rows = Object.entries(fields).map(([name, [label, type]]) => {
    const id = `f-${name}`;
    const text = `<label for="${id}">${escapeHtml(label)}</label>`;
    if (type.includes("|")) {
      const options = type.split("|").map((option) => `<option>${escapeHtml(option)}</option>`);
      return `<p>${text} <select id="${id}" name="${name}">${options.join("")}</select></p>`;
    }
    const input = `<input id="${id}" name="${name}" type="${type}"${type === "checkbox" ? ' value="yes"' : ""}>`;
    return type === "checkbox" ? `<p>${input} ${text}</p>` : `<p>${text} ${input}</p>`;
  });
  return `<form method="post" action="${action}">${rows.join("")}<button>${escapeHtml(button)}</button></form>`;
}

/** A field of a form: one line without tabs, at most 500 characters. */
export async function fieldsOf(context: Context): Promise<(name: string) => string> {
  const body = await context.req.parseBody();
  return (name) =>
    String(body[name] ?? "")
      .replace(/[\p{Cc}]+/gu, " ")
      .trim()
      .slice(0, 500);
}
