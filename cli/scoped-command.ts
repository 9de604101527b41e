import { Command } from "commander";
import { environment, inEnvironment } from "../environment/index.ts";

/**
 * A command whose action works in an environment of its own, a copy of the one it is started in. What the common options change
 * there (`prepare`) concerns that action alone, so that two can run at once in one process.
 */
export class ScopedCommand extends Command {
  override createCommand(name?: string): ScopedCommand {
    return new ScopedCommand(name);
  }

  override action(work: Parameters<Command["action"]>[0]): this {
    return super.action(function scoped(this: ScopedCommand, ...args) {
      return inEnvironment({ ...environment() }, () => work.apply(this, args));
    });
  }
}
