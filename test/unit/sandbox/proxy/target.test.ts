import { expect, test } from "vitest";
import { decide } from "../../../../sandbox/proxy/target.ts";

// Nothing but Vercel's hosts and loopback, however the address is written.
test.each([
  ["api.vercel.com:443", "terminate"],
  ["API.VERCEL.COM:443", "terminate"],
  ["api.vercel.com:80", "refuse"],
  ["127.0.0.1:8080", "tunnel"],
  ["localhost:1", "tunnel"],
  ["[::1]:99", "tunnel"],
  ["10.0.0.1:443", "refuse"],
  ["169.254.169.254:80", "refuse"],
  ["127.evil.example:443", "refuse"],
  ["localhost:99999", "refuse"],
  ["nonsense", "refuse"],
  ["", "refuse"],
])("CONNECT %s: %s", (authority, kind) => {
  expect(decide(authority, ["api.vercel.com"]).kind).toBe(kind);
});
