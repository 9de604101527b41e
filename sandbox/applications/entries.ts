import { type Application, fieldsOf, form, link, newToken, says, sessionOf, shows } from "./application.ts";

const ERASE = "Delete all that is kept of me";

/** A page with which a visitor takes back what was entered in this session. */
const erasing = (
  app: Parameters<Application["routes"]>[0],
  erase: (c: never, session: string) => Promise<unknown>,
): void => {
  app.get("/erase", (c) => shows(c, "Your data", form("/erase", {}, ERASE)));
  app.post("/erase", async (c) => {
    await erase(c as never, sessionOf(c));
    return shows(c, "Deleted", says("Nothing is kept of you"));
  });
};

/** CiviCRM's contribution page: a contact, a contribution, a receipt by mail. */
export const crm: Application = {
  tables: `CREATE TABLE IF NOT EXISTS donation_contact (id CHAR(32) PRIMARY KEY, name VARCHAR(500) NOT NULL, mail VARCHAR(500) NOT NULL);
    CREATE TABLE IF NOT EXISTS donation (id CHAR(32) PRIMARY KEY, contact CHAR(32) NOT NULL, amount DECIMAL(12, 2) NOT NULL, purpose VARCHAR(100) NOT NULL);`,
  routes(app, place) {
    const fields = {
      name: ["Name", "text"],
      mail: ["E-mail", "email"],
      amount: ["Amount in euro", "text"],
      purpose: ["Purpose", "Where it is needed|Education"],
    } as const;
    app.get("/donate", (c) => {
      sessionOf(c);
      return shows(c, "Donate", form("/donate", fields, "Donate now"));
    });
    app.post("/donate", async (c) => {
      const { database, mail, broken } = place(c);
      const field = await fieldsOf(c);
      const session = sessionOf(c);
      const amount = Number(field("amount"));
      if (!(amount > 0)) return shows(c, "Donate", says("The amount must be more than 0"), 400);
      await database.run`REPLACE INTO donation_contact VALUES (${session}, ${field("name")}, ${field("mail")})`;
      await database.run`INSERT INTO donation VALUES (${newToken()}, ${session}, ${broken("donation") ? 0 : amount}, ${field("purpose")})`;
      const [row] = await database.run`SELECT amount, purpose FROM donation WHERE contact = ${session}`;
      const text = `Thank you for ${row?.[0]} euro for: ${row?.[1]}`;
      await mail(field("mail"), "Receipt for your donation", `${text}\n\n${place(c).origin}/erase\n`);
      return shows(c, "Thank you", says(text));
    });
    erasing(
      app,
      (c, session) =>
        place(c).database
          .run`DELETE FROM donation WHERE contact = ${session}; DELETE FROM donation_contact WHERE id = ${session}`,
    );
  },
};

/** A quiz with achievements. */
export const games: Application = {
  tables:
    "CREATE TABLE IF NOT EXISTS quiz_achievement (player CHAR(32) NOT NULL, name VARCHAR(191) NOT NULL, title VARCHAR(191) NOT NULL, PRIMARY KEY (player, title));",
  routes(app, place) {
    const names = new Map<string, string>();
    app.get("/play", (c) => {
      sessionOf(c);
      return shows(c, "Play", form("/play", { name: ["Player", "text"] }, "Start"));
    });
    app.post("/play", async (c) => {
      names.set(sessionOf(c), (await fieldsOf(c))("name"));
      const answers = `${form("/answer", {}, "All human beings")}${form("/wrong", {}, "No being at all")}`;
      return shows(c, "Question 1", `${says("Who is born free and equal in dignity and rights?")}${answers}`);
    });
    app.post("/wrong", (c) => shows(c, "Not quite", link("/play", "Try again")));
    app.post("/answer", async (c) => {
      const { database, broken } = place(c);
      const session = sessionOf(c);
      if (!broken("achievement"))
        await database.run`REPLACE INTO quiz_achievement VALUES (${session}, ${names.get(session) ?? ""}, ${"First steps"})`;
      return shows(c, "Right", link("/achievements", "My achievements"));
    });
    app.get("/achievements", async (c) => {
      const rows = await place(c).database.run`SELECT name, title FROM quiz_achievement WHERE player = ${sessionOf(c)}`;
      const list = rows.map(([name, title]) => says(`${name} has achieved: ${title}`)).join("");
      return shows(c, "My achievements", list === "" ? says("None yet") : list);
    });
    erasing(app, (c, session) => place(c).database.run`DELETE FROM quiz_achievement WHERE player = ${session}`);
  },
};

/** Support tickets. */
export const support: Application = {
  tables: `CREATE TABLE IF NOT EXISTS ticket (id CHAR(32) PRIMARY KEY, session CHAR(32) NOT NULL, mail VARCHAR(500) NOT NULL, subject VARCHAR(500) NOT NULL,
    body VARCHAR(500) NOT NULL, state VARCHAR(20) NOT NULL);`,
  routes(app, place) {
    const fields = { mail: ["E-mail", "email"], subject: ["Subject", "text"], body: ["Message", "text"] } as const;
    app.get("/new", (c) => {
      sessionOf(c);
      return shows(c, "New ticket", form("/new", fields, "Send"));
    });
    app.post("/new", async (c) => {
      const { database, mail, broken, origin } = place(c);
      const field = await fieldsOf(c);
      const id = newToken();
      if (!broken("support"))
        await database.run`INSERT INTO ticket VALUES (${id}, ${sessionOf(c)}, ${field("mail")}, ${field("subject")}, ${field("body")}, ${"open"})`;
      await mail(field("mail"), "We have your ticket", `See it here:\n\n${origin}/ticket/${id}\n`);
      return shows(c, "Sent", says("We have your ticket and will write to you"));
    });
    app.get("/ticket/:id", async (c) => {
      const [row] = await place(c).database.run`SELECT subject, state FROM ticket WHERE id = ${c.req.param("id")}`;
      if (row === undefined) return shows(c, "No such ticket", says("There is no such ticket"), 404);
      return shows(c, "Your ticket", `${says(`Subject: ${row[0]}`)}${says(`State: ${row[1]}`)}`);
    });
    erasing(app, (c, session) => place(c).database.run`DELETE FROM ticket WHERE session = ${session}`);
  },
};

/** A newsletter with double opt-in. */
export const newsletter: Application = {
  tables: `CREATE TABLE IF NOT EXISTS subscriber (mail VARCHAR(191) PRIMARY KEY, session CHAR(32) NOT NULL, token CHAR(32) NOT NULL, confirmed INT NOT NULL);`,
  routes(app, place) {
    const fields = { mail: ["E-mail", "email"], agree: ["I want the newsletter", "checkbox"] } as const;
    app.get("/subscribe", (c) => {
      sessionOf(c);
      return shows(c, "Newsletter", form("/subscribe", fields, "Subscribe"));
    });
    app.post("/subscribe", async (c) => {
      const { database, mail, origin } = place(c);
      const field = await fieldsOf(c);
      if (field("agree") !== "yes") return shows(c, "Newsletter", says("Please tick the box"), 400);
      const token = newToken();
      await database.run`REPLACE INTO subscriber VALUES (${field("mail")}, ${sessionOf(c)}, ${token}, 0)`;
      await mail(
        field("mail"),
        "Please confirm your subscription",
        `Confirm it here:\n\n${origin}/confirm?token=${token}\n`,
      );
      return shows(c, "One more step", says("Please confirm the link in your mail"));
    });
    app.get("/confirm", async (c) => {
      const { database, broken } = place(c);
      const token = c.req.query("token") ?? "";
      if (!broken("newsletter")) await database.run`UPDATE subscriber SET confirmed = 1 WHERE token = ${token}`;
      const [row] = await database.run`SELECT confirmed FROM subscriber WHERE token = ${token}`;
      const text = row?.[0] === "1" ? "You are subscribed" : "You are not subscribed";
      return shows(c, "Newsletter", `${says(text)}${link("/erase", "Unsubscribe")}`);
    });
    erasing(app, (c, session) => place(c).database.run`DELETE FROM subscriber WHERE session = ${session}`);
  },
};
