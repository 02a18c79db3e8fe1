// Changing and deleting one's own messages.
import { post } from "../api.js";
import { h } from "../dom.js";
import { decodeMentions, encodeMentions } from "../text/mentions.js";
import { confirmDialog } from "../popup.js";
import { emit, state } from "../state.js";

export const isOwnMessage = (message) =>
  message.user === state.as && !message.bot_id && !message.is_ephemeral && !message.subtype;

/** A small composer in place of the message; Enter saves, Escape leaves it as it was. */
export function messageEditor(message, channel, done) {
  const field = h("textarea", {
    class: "field",
    "aria-label": "Edit message",
    rows: 2,
    dir: "auto",
    value: decodeMentions(message.text ?? ""),
    onkeydown: (event) => key(event),
  });
  const key = (event) => {
    if (event.key === "Escape") done();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const save = async () => {
    const text = encodeMentions(field.value.trim());
    if (!text) return deleteMessage(message, channel);
    const answer = await post("/ui/edit", { as: state.as, channel, ts: message.ts, text });
    if (!answer.ok) return emit("failed", { what: "Not changed", error: answer.error });
    done();
  };
  const node = h(
    "form",
    {
      class: "editor",
      onsubmit: (event) => {
        event.preventDefault();
        save();
      },
    },
    field,
    h(
      "div",
      { class: "editor-buttons" },
      h("button", { type: "button", class: "button", onclick: done }, "Cancel"),
      h("button", { type: "submit", class: "button primary" }, "Save"),
    ),
  );
  queueMicrotask(() => {
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  });
  return node;
}

/** Asks first, as Slack does. */
export async function deleteMessage(message, channel) {
  const sure = await confirmDialog({
    title: "Delete message",
    text: "Delete this message? This cannot be undone.",
    confirm: "Delete",
    style: "danger",
  });
  if (!sure) return;
  const answer = await post("/ui/delete", { as: state.as, channel, ts: message.ts });
  if (!answer.ok) emit("failed", { what: "Not deleted", error: answer.error });
}
