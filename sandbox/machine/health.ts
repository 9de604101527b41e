import { connect } from "node:net";
import { LOOPBACK } from "./ports.ts";

/** GETs a JSON document; undefined when there is no good answer within the time. @param ms @default 2000 */
export async function getJson(url: string, ms = 2000): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ms) });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

/** Whether something accepts connections on the port. @param ms @default 1000 */
export function accepts(port: number, ms = 1000): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: LOOPBACK, port, timeout: ms });
    const end = (result: boolean) => () => {
      socket.destroy();
      done(result);
    };
    socket.once("connect", end(true));
    socket.once("error", end(false));
    socket.once("timeout", end(false));
  });
}

/** Whether an SSH server greets on the port. @param ms @default 2000 */
export function greetsSsh(port: number, ms = 2000): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: LOOPBACK, port, timeout: ms });
    const end = (result: boolean): void => {
      socket.destroy();
      done(result);
    };
    socket.once("data", (chunk: Buffer) => end(chunk.toString("latin1").startsWith("SSH-2.0-")));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
