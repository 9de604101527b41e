import { useEffect, useRef, useState } from "preact/hooks";
import type { RolloutNow } from "../../fleet/overview/shape.ts";
import { Fragment, h, type VNode } from "../view/h.ts";
import { plural } from "../view/text.ts";
import type { Server } from "./connect.ts";

/** Pause and abort: the only things that the page does. */
export const Actions = ({ rollout, server }: { rollout: RolloutNow | null; server: Server }): VNode | null => {
  const [asking, setAsking] = useState(false);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const ask = async (path: string, body: unknown) => {
    setBusy(true);
    setSaid("Asked; the process takes it before its next step.");
    try {
      const answer = await server.ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const text = (await answer.json()) as { message?: string; hint?: string };
      setSaid(answer.ok ? "Done." : `Refused: ${text.message ?? answer.status}${text.hint ? `. ${text.hint}` : ""}`);
    } catch {
      setSaid("No answer: look at the rollout before you ask again.");
    } finally {
      setBusy(false);
    }
  };
  if (rollout === null || !(rollout.can.pause || rollout.can.abort))
    return said ? h("p", { role: "status" }, said) : null;
  return h(
    Fragment,
    null,
    h(
      "p",
      { class: "actions" },
      h(
        "button",
        { type: "button", disabled: busy || !rollout.can.pause, onClick: () => void ask("/api/pause", {}) },
        "Pause the rollout",
      ),
      h(
        "button",
        { type: "button", class: "danger", disabled: busy || !rollout.can.abort, onClick: () => setAsking(true) },
        "Abort …",
      ),
    ),
    h("p", { role: "status" }, said),
    asking
      ? h(Sure, {
          rollout,
          onEnd: (keep: boolean | undefined) => {
            setAsking(false);
            if (keep !== undefined) void ask("/api/abort", { keep });
          },
        })
      : null,
  );
};

const Sure = ({ rollout, onEnd }: { rollout: RolloutNow; onEnd: (keep: boolean | undefined) => void }): VNode => {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return h(
    "dialog",
    { ref: box, "aria-labelledby": "sure-title", onClose: () => onEnd(undefined) },
    h("h2", { id: "sure-title" }, "Abort the rollout?"),
    h(
      "p",
      null,
      `${plural(rollout.sitesDone + rollout.sitesActive, "site")} of ${rollout.sites} are reached. The process that carries it out takes back what it has brought.`,
    ),
    h(
      "p",
      { class: "actions" },
      h("button", { type: "button", onClick: () => onEnd(undefined) }, "Go on with the rollout"),
      h("button", { type: "button", onClick: () => onEnd(true) }, "Abort, leave what it brought"),
      h("button", { type: "button", class: "danger", onClick: () => onEnd(false) }, "Abort and take back"),
    ),
  );
};
