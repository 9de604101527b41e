import { createHash } from "node:crypto";
import {
  type Application,
  endSession,
  fieldsOf,
  form,
  link,
  newSession,
  newToken,
  says,
  sessionOf,
  shows,
} from "./application.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The identity provider: accounts, mail verification, login, dashboard, profile. */
export const idp: Application = {
  tables: `CREATE TABLE IF NOT EXISTS account (mail VARCHAR(191) PRIMARY KEY, name VARCHAR(500) NOT NULL, password CHAR(64) NOT NULL,
    verified INT NOT NULL, token CHAR(32) NOT NULL);`,
  routes(app, place) {
    /** Mail address by session. */
    const sessions = new Map<string, string>();
    const NAME = { name: ["Name", "text"] } as const;
    const LOGIN = { mail: ["E-mail", "email"], password: ["Password", "password"] } as const;

    app.get("/register", (c) => shows(c, "Register", form("/register", { ...NAME, ...LOGIN }, "Create account")));
    app.post("/register", async (c) => {
      const { database, mail, origin, broken } = place(c);
      const field = await fieldsOf(c);
      const token = newToken();
      const known = await database.run`SELECT mail FROM account WHERE mail = ${field("mail")}`;
      if (known.length > 0) return shows(c, "Register", says("This address has an account"), 400);
      await database.run`INSERT INTO account VALUES (${field("mail")}, ${field("name")}, ${digest(field("password"))}, 0, ${token})`;
      const text = `Open this to confirm your address:\n\n${origin}/verify?token=${token}\n`;
      if (!broken("registration")) await mail(field("mail"), "Confirm your address", text);
      sessions.set(newSession(c), field("mail"));
      return shows(c, "Almost done", says("Check your mail: we have sent you a link"));
    });
    app.get("/verify", async (c) => {
      const { database } = place(c);
      const token = c.req.query("token") ?? "";
      const found = await database.run`SELECT mail FROM account WHERE token = ${token}`;
      if (found.length === 0) return shows(c, "Unknown link", says("This link is not known"), 404);
      await database.run`UPDATE account SET verified = 1 WHERE token = ${token}`;
      return shows(c, "Welcome", `${says("Your address is confirmed")}${link("/login", "Log in")}`);
    });
    app.get("/login", (c) => shows(c, "Log in", form("/login", LOGIN, "Log in")));
    app.post("/login", async (c) => {
      const { database, broken } = place(c);
      const field = await fieldsOf(c);
      const [found] = await database.run`SELECT password FROM account WHERE mail = ${field("mail")}`;
      if (found?.[0] !== digest(field("password")) || broken("login"))
        return shows(c, "Log in", `${says("Address or password is wrong")}${form("/login", LOGIN, "Log in")}`, 403);
      sessions.set(newSession(c), field("mail"));
      return c.redirect("/dashboard", 303);
    });
    app.get("/dashboard", async (c) => {
      const [account] = await accountOf(c);
      if (account === undefined) return c.redirect("/login");
      const [, name = "", verified] = account;
      const today = `<p>Today is <time>${new Date().toISOString()}</time></p>`;
      const links = `${link("/profile", "Profile")}${form("/logout", {}, "Log out")}`;
      const state = verified === "1" ? "Your address is confirmed" : "Your address is not confirmed yet";
      return shows(c, "Dashboard", `<div class="user">${says(`Hello ${name}`)}</div>${today}${says(state)}${links}`);
    });
    app.get("/profile", async (c) => {
      const [account] = await accountOf(c);
      if (account === undefined) return c.redirect("/login");
      const body = `${says(`Your name is ${account[1]}`)}${form("/profile", { name: ["New name", "text"] }, "Save")}`;
      return shows(c, "Profile", `${body}${link("/delete", "Delete my account")}`);
    });
    app.post("/profile", async (c) => {
      const mail = sessions.get(sessionOf(c));
      if (mail === undefined) return c.redirect("/login", 303);
      const field = await fieldsOf(c);
      await place(c).database.run`UPDATE account SET name = ${field("name")} WHERE mail = ${mail}`;
      return c.redirect("/profile", 303);
    });
    app.post("/logout", (c) => {
      sessions.delete(sessionOf(c));
      endSession(c);
      return c.redirect("/login", 303);
    });
    app.get("/delete", (c) =>
      shows(c, "Delete my account", form("/delete", LOGIN, "Delete account and all that is kept of me")),
    );
    app.post("/delete", async (c) => {
      const field = await fieldsOf(c);
      const [mail, password] = [field("mail"), digest(field("password"))];
      await place(c).database.run`DELETE FROM account WHERE mail = ${mail} AND password = ${password}`;
      sessions.delete(sessionOf(c));
      return shows(c, "Deleted", says("Nothing is kept of you"));
    });

    async function accountOf(c: Parameters<typeof place>[0]): Promise<string[][]> {
      const mail = sessions.get(sessionOf(c));
      if (mail === undefined) return [];
      return place(c).database.run`SELECT mail, name, verified FROM account WHERE mail = ${mail}`;
    }
  },
};
