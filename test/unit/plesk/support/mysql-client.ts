import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";

// The client program costs 20 ms of CPU a login. What a login and one question need of the protocol fits here:
// https://mariadb.com/kb/en/connection/ (handshake, mysql_native_password, authentication switch).

const CAPABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000; // long password, protocol 4.1, secure connection, plugin
const [SWITCH, ERROR] = [0xfe, 0xff];

const sha1 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, one) => hash.update(one), createHash("sha1")).digest();

/** The answer to a scramble of mysql_native_password. */
function answerTo(scramble: Uint8Array, password: string): Buffer {
  const once = sha1(Buffer.from(password));
  const mask = sha1(scramble, sha1(once));
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

/** A connection to MariaDB, logged in. */
export class MysqlConnection {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #lost: Error | undefined;

  private constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("data", (data: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, data]);
      this.#wake();
    });
    const lost = (error = new Error("the connection was closed")) => {
      this.#lost ??= error;
      this.#wake();
    };
    this.#socket.on("error", lost).on("close", () => lost());
  }

  /** @throws Error with what the server says when it refuses */
  static async open(env: Readonly<Record<string, string>>): Promise<MysqlConnection> {
    const connection = new MysqlConnection(Number(env.DB_PORT));
    const hello = await connection.#packet();
    const at = hello.payload.indexOf(0, 1) + 1;
    const first = hello.payload.subarray(at + 4, at + 12);
    const second = hello.payload.subarray(at + 31, at + 43);
    const password = env.DB_PASSWORD ?? "";
    const head = Buffer.alloc(32);
    head.writeUInt32LE(CAPABILITIES, 0);
    head.writeUInt32LE(1 << 24, 4);
    head[8] = 45;
    const reply = [
      head,
      Buffer.from(`${env.DB_USER}\0`),
      Buffer.from([20]),
      answerTo(Buffer.concat([first, second]), password),
      Buffer.from("mysql_native_password\0"),
    ];
    connection.#send(Buffer.concat(reply), hello.number + 1);
    for (;;) {
      const { payload, number } = await connection.#packet();
      if (payload[0] === ERROR) {
        connection.#socket.destroy();
        throw new Error(payload.subarray(3).toString());
      }
      if (payload[0] !== SWITCH) return connection;
      const scramble = payload.subarray(payload.indexOf(0, 1) + 1).subarray(0, 20);
      connection.#send(answerTo(scramble, password), number + 1);
    }
  }

  /** Asks over it. @throws Error when it is lost */
  async ask(): Promise<void> {
    this.#buffer = Buffer.alloc(0);
    this.#send(Buffer.from("\x03SELECT 1"), 0);
    const { payload } = await this.#packet();
    if (payload[0] === ERROR) throw new Error(payload.subarray(3).toString());
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#send(Buffer.from([1]), 0);
    await closed;
  }

  #send(payload: Buffer, number: number): void {
    const head = Buffer.alloc(4);
    head.writeUIntLE(payload.length, 0, 3);
    head[3] = number;
    this.#socket.write(Buffer.concat([head, payload]));
  }

  async #packet(): Promise<{ readonly payload: Buffer; readonly number: number }> {
    for (;;) {
      const size = this.#buffer.length < 4 ? Number.POSITIVE_INFINITY : 4 + this.#buffer.readUIntLE(0, 3);
      if (this.#buffer.length >= size) {
        const payload = this.#buffer.subarray(4, size);
        const number = this.#buffer[3] ?? 0;
        this.#buffer = this.#buffer.subarray(size);
        return { payload, number };
      }
      if (this.#lost) throw this.#lost;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
