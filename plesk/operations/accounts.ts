import { type Code, SitefleetError } from "../../errors/index.ts";
import {
  accountLookScript,
  accountScript,
  accountStatements,
  type Login,
  type Way,
  windowStatement,
} from "../commands/database/accounts.ts";
import { EXIT } from "../exit-codes.ts";
import { redactor } from "../redact.ts";
import type { Session } from "../remote/session.ts";
import { type RunOptions, startRun } from "../transaction/context.ts";
import { type AccountLook, type AccountTarget, type Numbered, parseAccountLook } from "./account-look.ts";
import { underLock } from "./database.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

function callOf({ database, account, service }: AccountTarget) {
  if (database === undefined) {
    const message = `${service.key} has no database`;
    throw new SitefleetError({ code: "plesk.input", message, exitCode: EXIT.input });
  }
  const { host, port, name, engine } = database;
  return { engine, call: { host, port, name, ...account } };
}

/** Runs work on an account; nothing that it says holds a password. */
async function onAccount<Value>({ account, service }: AccountTarget, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SitefleetError) || !error.code.startsWith("plesk.remote")) throw error;
    const all = [...account.logins, ...(account.administrator ? [account.administrator] : [])];
    const redact = redactor({ env: Object.fromEntries(all.map(({ password }, index) => [String(index), password])) });
    throw new SitefleetError({
      code: "plesk.account" satisfies Code,
      subject: service.key,
      message: redact(error.message),
      hint: "what it says above is the server's; run it again, it goes on where it stands",
      details: error.details.map(redact),
      exitCode: EXIT.remote,
    });
  }
}

/** Looks at accounts of services: which passwords get in, and how they can be changed. Changes nothing, takes no lock. */
export function lookAtAccounts(
  targets: readonly AccountTarget[],
  options: ManyOptions = {},
): Promise<Outcome<AccountLook>[]> {
  return forServices(targets, (target, session) => lookOn(target, session, options.signal), options);
}

function lookOn(target: AccountTarget, session: Session, signal: AbortSignal | undefined): Promise<AccountLook> {
  return onAccount(target, async () => {
    const { engine, call } = callOf(target);
    const { layout, token } = startRun(target, { signal });
    const [current] = target.account.logins;
    const refused = target.account.names.filter((name) => name !== current?.user);
    const mark = { refused, connection: target.account.mark?.connection ?? 0 };
    const script = accountLookScript(layout, token, engine, call, mark);
    return parseAccountLook(target, await session.run("looking at the account", script));
  });
}

/** What becomes of an account. */
export interface AccountChange {
  /** Generations whose passwords get in afterwards, the one in use first; no other does. */
  readonly accept: readonly number[];
  /** Without an administrator: the account changes its own password, and the old one is refused at once. @default false */
  readonly window?: boolean;
}

/**
 * Makes accounts accept just these passwords, under the services' locks, and sees with logins of its own that it is so. Doing it again
 * changes nothing.
 *
 * @throws SitefleetError `plesk.account`; as the outcome of its service
 */
export function changeAccounts(
  targets: readonly AccountTarget[],
  change: AccountChange,
  options: RunOptions & ManyOptions = {},
): Promise<Outcome<AccountLook>[]> {
  return forServices(targets, (target, session) => changeOn(target, change, session, options), options);
}

async function changeOn(
  target: AccountTarget,
  { accept, window = false }: AccountChange,
  session: Session,
  options: RunOptions,
): Promise<AccountLook> {
  const { engine, call } = callOf(target);
  const { logins, names, administrator } = target.account;
  const wanted = accept.map((generation) => logins.find((login) => login.generation === generation));
  if (wanted.some((login) => login === undefined)) {
    const message = "a password that is to be accepted is not known";
    throw new SitefleetError({ code: "plesk.account", subject: target.service.key, message, exitCode: EXIT.input });
  }
  const accepted = wanted as Numbered[];
  const refused = logins.filter(({ generation }) => !accept.includes(generation));
  return underLock(target, session, options, (run, on) =>
    onAccount(target, async () => {
      const look = await lookOn(target, on, options.signal);
      const already = logins.filter(({ generation }) => look.accepts.includes(generation));
      const same = accepted.every((login) => already.includes(login)) && refused.every((one) => !already.includes(one));
      const [current] = already;
      if (same) return look;
      if (!window && look.way === undefined) throw cannot(target, look);
      const own = window && current !== undefined;
      if (window && current === undefined)
        throw cannot(target, { ...look, why: ["lets in none of the known passwords"] });
      const statements = own
        ? [windowStatement(engine, accepted.at(-1) as Numbered, look.server.startsWith("MySQL"))]
        : accountStatements(engine, call, {
            way: look.way as Way,
            accept: accepted,
            refuse: names.filter((name) => accepted.every(({ user }) => user !== name)),
            refused,
            accounts: look.accounts,
            already,
          });
      const work = { by: (own ? current : administrator) as Login, statements, accept: accepted, refused };
      await on.run("changing the account", accountScript(run.layout, run.token, engine, call, work));
      return { ...look, accepts: [...accept] };
    }),
  );
}

const cannot = ({ service }: AccountTarget, { why, server }: Pick<AccountLook, "why" | "server">): SitefleetError =>
  new SitefleetError({
    code: "plesk.account",
    subject: service.key,
    message: "its database account cannot take two passwords for a while",
    details: why.map((reason) => `${server}: it ${reason}`),
    hint: "mend what is listed, or change the password in a window: sitefleet secrets rotate --window",
    exitCode: EXIT.unfit,
  });
