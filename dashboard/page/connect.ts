import type { Patch, Picture } from "../view/picture.ts";
import { type Known, patched, whole } from "./state.ts";

/** A look may take so long beyond its pace, ms: without a sign of life for longer what is shown is called stale. */
export const LATE_MS = 3000;
/** A connection on which nothing comes for so long is cut and made anew, ms. */
const DEAD_MS = 20_000;
const AGAIN_MS = { first: 500, most: 5000 } as const;

/** What the connection tells the page. */
export interface Listener {
  known(known: Known): void;
  /** A sign of life. */
  heard(): void;
  /** No connection, and why. `final`: it is not tried again. */
  lost(why: string, final: boolean): void;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks the server with the token. */
export class Server {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}`, ...init.headers };
    return fetch(path, { ...init, headers, cache: "no-store", credentials: "omit" });
  }

  /** Reads the picture, then follows its changes; comes back by itself, for ever. */
  async follow(listener: Listener): Promise<never> {
    let known: Known | undefined;
    let pause: number = AGAIN_MS.first;
    for (;;) {
      try {
        if (known === undefined) {
          const answer = await this.ask("/api/overview");
          if (answer.status === 401)
            listener.lost("the token is not the one of this start: open the address that was printed", true);
          if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
          known = whole((await answer.json()) as Picture);
          listener.known(known);
          listener.heard();
        }
        const next = await this.#stream(known, listener, () => {
          pause = AGAIN_MS.first;
        });
        known = next;
        listener.lost("the server has ended the connection", false);
      } catch (error) {
        listener.lost(error instanceof Error ? error.message : "no connection", false);
      }
      await sleep(pause);
      pause = Math.min(AGAIN_MS.most, pause * 2);
    }
  }

  /** Undefined at its end: all is to be read anew. */
  async #stream(from: Known, listener: Listener, onLife: () => void): Promise<Known | undefined> {
    const cut = new AbortController();
    let timer = setTimeout(() => cut.abort(new Error("nothing is heard")), DEAD_MS);
    let known = from;
    try {
      const answer = await this.ask(`/api/events?after=${encodeURIComponent(known.version)}`, { signal: cut.signal });
      if (!answer.ok || answer.body === null) throw new Error(`the server answers ${answer.status}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return known;
        clearTimeout(timer);
        timer = setTimeout(() => cut.abort(new Error("nothing is heard")), DEAD_MS);
        text += value;
        const messages = text.split("\n\n");
        text = messages.pop() ?? "";
        for (const message of messages) {
          if (/^event: reload$/m.test(message)) return undefined;
          const data = /^data: (.*)$/m.exec(message)?.[1];
          if (data === undefined) continue;
          known = patched(known, JSON.parse(data) as Patch);
          listener.known(known);
        }
        listener.heard();
        onLife();
      }
    } catch (error) {
      // What was known before the cut is what the next connection goes on from.
      if (known !== from) {
        listener.lost(error instanceof Error ? error.message : "no connection", false);
        return known;
      }
      throw error;
    } finally {
      clearTimeout(timer);
      cut.abort();
    }
  }
}
