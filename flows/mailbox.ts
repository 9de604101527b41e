import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const searchSchema = z.object({ messages: z.array(z.object({ ID: z.string(), Subject: z.string() })) });
const messageSchema = z.object({ Text: z.string().default(""), HTML: z.string().default("") });

/** Where mails to test users arrive. */
export interface Mailbox {
  /**
   * Waits for a mail and reads the first link in it.
   *
   * @param subject what its subject holds
   * @throws Error when none arrives in time, or when it has no link
   */
  link(to: string, subject: string, milliseconds: number): Promise<string>;
}

/** Between two looks, ms. */
const PAUSE_MS = 150;
/** One answer of the mailbox may take, ms. */
const ANSWER_MS = 5000;

/** A Mailpit server (https://mailpit.axllent.org/docs/api-v1/). @param url its address, without `/api/v1` */
export function mailpit(url: string): Mailbox {
  const base = url.replace(/\/+$/, "");
  const ask = async <Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer> => {
    const response = await fetch(`${base}/api/v1/${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!response.ok) throw new Error(`the mailbox answers ${response.status}`);
    return schema.parse(await response.json());
  };
  return {
    async link(to, subject, milliseconds) {
      const until = Date.now() + milliseconds;
      for (;;) {
        const { messages } = await ask(`search?query=${encodeURIComponent(`to:"${to}"`)}`, searchSchema);
        const mail = messages.find(({ Subject }) => Subject.includes(subject));
        if (mail !== undefined) {
          const { Text, HTML } = await ask(`message/${encodeURIComponent(mail.ID)}`, messageSchema);
          const link = linkIn(Text) ?? linkIn(HTML);
          if (link === undefined) throw new Error(`the mail "${subject}" has no link`);
          return link;
        }
        if (Date.now() >= until) throw new Error(`no mail "${subject}" has arrived in ${milliseconds / 1000} s`);
        await sleep(PAUSE_MS);
      }
    },
  };
}

const linkIn = (text: string): string | undefined =>
  /https?:\/\/[^\s"'<>]+/
    .exec(text)?.[0]
    .replace(/[.,;)]+$/, "")
    .replaceAll("&amp;", "&");
