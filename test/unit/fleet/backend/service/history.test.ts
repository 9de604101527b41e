import { expect, test } from "vitest";
import { historyFiles } from "../../../../../fleet/backend/service/history.ts";

const begin = {
  updateKind: "update",
  journalVersion: 2,
  program: {
    metadata: {
      message: "one <&> two",
      environment: {
        "pulumi.env.PULUMI_CREDENTIALS_PATH": "set",
        "pulumi.env.PULUMI_BACKEND_URL": "set",
        "pulumi.env.PULUMI_HOME": "set",
        "exec.kind": "cli",
      },
    },
    config: {
      "sitefleet:plain": { string: "a<&>b", secret: false, object: false },
      "sitefleet:list": { string: '[{"b":"<","10":1,"9":{"secure":"v1:c"}}]', secret: true, object: true },
      "sitefleet:secret": { string: "v1:c", secret: true, object: false },
    },
  },
} as const;
const ended = {
  begin,
  startedAt: 1_999,
  endedAt: 3_000,
  succeeded: true,
  changes: { update: 2, same: 1 },
  state: "{}",
  given: new Set(["PULUMI_BACKEND_URL", "PULUMI_HOME"]),
};

// Breaks when `pulumi stack history` prints something else after our update than after its own: this is the text it writes.
test("the history is written as the engine writes it, without what is only there for our service", () => {
  const [history, ...others] = historyFiles("dev", ended, true);
  expect(history).toEqual({
    key: ".pulumi/history/sitefleet/dev/dev-3000000000.history.json",
    text:
      '{"kind":"update","startTime":1,"message":"one <&> two","environment":{"exec.kind":"cli","pulumi.env.PULUMI_BACKEND_URL":"set","pulumi.env.PULUMI_HOME":"set"},' +
      '"config":{"sitefleet:list":[{"10":1,"9":{"secure":"v1:c"},"b":"\\u003c"}],"sitefleet:plain":"a\\u003c\\u0026\\u003eb",' +
      '"sitefleet:secret":{"secure":"v1:c"}},"version":0,"result":"succeeded","endTime":3,"resourceChanges":{"same":1,"update":2}}',
  });
  expect(others.map(({ key, text }) => [key, text])).toEqual([
    [".pulumi/history/sitefleet/dev/dev-3000000000.checkpoint.json", "{}"],
    [".pulumi/backups/sitefleet/dev/dev.3000000000.json", "{}"],
  ]);
});
