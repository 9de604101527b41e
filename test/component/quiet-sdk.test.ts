import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { makeOutputsWhenAsked, skipEmptyOutputs, skipSourcePositions } from "../../fleet/engine/quiet-sdk.ts";
import { registered } from "../support/mocks.ts";

// What runners leave out of the SDK's work. The parts of the SDK that are changed for it are its own: a new
// version may have them elsewhere. What breaks when this fails: outputs of resources, components and stacks are lost, or each state
// holds a path of the machine again and is written once more a component.

const require = createRequire(import.meta.url);
const { getMonitor } = require("@pulumi/pulumi/runtime/settings") as { getMonitor(): Monitor };

interface Request {
  getUrn?(): string;
  getOutputs?(): { toJavaScript(): object };
  getSourceposition?(): object | undefined;
}
interface Monitor {
  registerResource(request: Request, done: unknown): void;
  registerResourceOutputs(request: Request, done: unknown): void;
}

class Plain extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Plain", name);
    this.registerOutputs();
  }
}
class Telling extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Telling", name);
    this.registerOutputs({ said: "yes" });
  }
}
/** Says nothing itself: the SDK does it in its place. */
class Silent extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Silent", name);
  }
}

/** As the SDKs of vendors are: each property that there can be, declared or not. */
class Thing extends pulumi.CustomResource {
  declare readonly given: pulumi.Output<string>;
  declare readonly absent: pulumi.Output<string | undefined>;
  declare readonly later: pulumi.Output<string>;
  constructor(name: string, given: string) {
    super("test:index:Thing", name, { given, absent: undefined, later: undefined });
  }
}

let outputs: [string, object][];
let positions: unknown[];

/** Runs a program on the mocks and notes what it tells the engine besides. */
async function run(program: () => void): Promise<void> {
  [outputs, positions] = [[], []];
  await registered(() => {
    const monitor = getMonitor();
    const { registerResource, registerResourceOutputs } = monitor;
    monitor.registerResource = function (request, done) {
      positions.push(request.getSourceposition?.());
      return registerResource.call(this, request, done);
    };
    monitor.registerResourceOutputs = function (request, done) {
      outputs.push([request.getUrn?.().split("::").at(-1) ?? "", request.getOutputs?.().toJavaScript() ?? {}]);
      return registerResourceOutputs.call(this, request, done);
    };
    program();
  });
}

const program = () => {
  new Plain("plain");
  new Telling("telling");
  new Silent("silent");
};

describe("the SDK in a runner", () => {
  beforeEach(async () => {
    // As the SDK is: each calls, and says where it stands.
    await run(program);
  });

  it("tells outputs of components that have some, and nothing for the others", async () => {
    expect(outputs.map(([name]) => name).sort()).toEqual(["plain", "silent", "sitefleet-prod", "telling"]);
    skipEmptyOutputs();
    await run(program);
    expect(outputs.sort()).toEqual([
      // The stack itself, also when its program gives none.
      ["sitefleet-prod", {}],
      ["telling", { said: "yes" }],
    ]);
  });

  it("tells no source lines", async () => {
    expect(positions.length).toBe(4);
    expect(positions.filter((position) => position !== undefined).length).toBe(4);
    skipSourcePositions();
    await run(program);
    expect(positions).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("makes the output of a property when it is looked at, be it before or after the resource is known", async () => {
    makeOutputsWhenAsked();
    let thing: Thing | undefined;
    let early: pulumi.Output<string> | undefined;
    await registered(
      () => {
        thing = new Thing("thing", "text");
        early = thing.given;
      },
      { later: "from the vendor" },
    );
    const isMade = (key: string) => Object.getOwnPropertyDescriptor(thing, key)?.get === undefined;
    expect(["given", "absent", "later"].map(isMade)).toEqual([true, false, false]);
    const known = (output: pulumi.Output<unknown> | undefined) => new Promise((resolve) => output?.apply(resolve));
    expect(await Promise.all([early, thing?.given, thing?.absent, thing?.later].map(known))).toEqual([
      "text",
      "text",
      undefined,
      "from the vendor",
    ]);
    expect(["given", "absent", "later"].map(isMade)).toEqual([true, true, true]);
    expect(thing?.later).toBe(thing?.later);
  });
});
