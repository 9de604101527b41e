import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import { Notifier } from "../../../fleet/notify/index.ts";
import { readNotify } from "../../../model/index.ts";

// A run that tells something to receivers that hang, and is killed by its test.
const [state = "", catalog = ""] = process.argv.slice(2);
const receivers = readNotify(catalog)?.receivers ?? [];
const notifier = new Notifier({ receivers, env: process.env, store: directoryStore(state) });
const at = new Date().toISOString();
notifier.post({ thread: "run-1", topic: "failed", at, title: "up on prod: failed", lines: [], over: true });
setInterval(() => {}, 1000);
