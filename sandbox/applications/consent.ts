import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { type Application, form, says, sessionOf, shows } from "./application.ts";

const TRACKING = "tracking";

/** Consent: nothing that needs it is stored before the yes, each choice is recorded, and it can be taken back. */
export const consent: Application = {
  tables: "CREATE TABLE IF NOT EXISTS choice (session CHAR(32) PRIMARY KEY, choice VARCHAR(20) NOT NULL);",
  routes(app, place) {
    app.get("/choices", async (c) => {
      const { database, broken } = place(c);
      const [row] = await database.run`SELECT choice FROM choice WHERE session = ${sessionOf(c)}`;
      const choice = row?.[0];
      if (broken("consent")) setCookie(c, TRACKING, "1", { path: "/", secure: true });
      const set = getCookie(c, TRACKING) === undefined ? "not measured" : "measured";
      const ask = `${form("/choices/all", {}, "Accept all")}${form("/choices/needed", {}, "Only what is needed")}`;
      const back = `${says(`Your choice: ${choice}`)}${form("/choices/needed", {}, "Withdraw")}${form("/erase", {}, "Delete all that is kept of me")}`;
      return shows(c, "Your choices", `${says(`Your visit is ${set}`)}${choice === undefined ? ask : back}`);
    });
    app.post("/choices/:choice", async (c) => {
      const choice = c.req.param("choice") === "all" ? "all" : "needed";
      await place(c).database.run`REPLACE INTO choice VALUES (${sessionOf(c)}, ${choice})`;
      if (choice === "all") setCookie(c, TRACKING, "1", { path: "/", secure: true });
      else deleteCookie(c, TRACKING, { path: "/" });
      return c.redirect("/choices", 303);
    });
    app.get("/erase", (c) => shows(c, "Your data", form("/erase", {}, "Delete all that is kept of me")));
    app.post("/erase", async (c) => {
      await place(c).database.run`DELETE FROM choice WHERE session = ${sessionOf(c)}`;
      deleteCookie(c, TRACKING, { path: "/" });
      return shows(c, "Deleted", says("Nothing is kept of you"));
    });
  },
};
