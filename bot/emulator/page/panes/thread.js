// The right pane: one thread, its replies, and where to answer.
import { Composer } from "../messages/composer.js";
import { $, fill, h, iconButton } from "../dom.js";
import { MessageList } from "../messages/message_list.js";
import { sortedByTime, on, state, titleOf } from "../state.js";
import { goTo } from "../store.js";

let list,
  composer,
  opened = null,
  returnTo = null;

export function startThread() {
  const pane = $("#thread");
  list = new MessageList("thread", "Replies");
  composer = new Composer("thread-composer", () => list.editLast());
  const shut = () => {
    goTo({ channel: state.place.channel });
    backToMessage();
  };
  fill(
    pane,
    h(
      "header",
      { class: "pane-head" },
      iconButton("back", "Back to the channel", { class: "icon-button back", onclick: shut }),
      h(
        "div",
        { class: "head-words" },
        h("h2", { id: "thread-title" }, "Thread"),
        h("p", { class: "topic", id: "thread-where" }),
      ),
      iconButton("close", "Close thread", { class: "icon-button shut", onclick: shut }),
    ),
    list.node,
    composer.node,
  );
  pane.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) shut();
  });
  on("place", showThread);
  on("thread", ({ key, message }) => {
    if (key === currentKey()) showReplies({ message });
  });
}

const currentKey = () => (state.place.thread ? `${state.place.channel}:${state.place.thread}` : null);

function showThread() {
  const key = currentKey();
  $("#thread").hidden = !key;
  document.body.classList.toggle("thread-open", Boolean(key));
  if (!key) opened = null;
  if (!key || opened === `${key}|${state.as}`) return;
  opened = `${key}|${state.as}`;
  returnTo = state.place.thread;
  const one = state.channels.get(state.place.channel);
  $("#thread-where").textContent = titleOf(one);
  composer.open({
    channel: state.place.channel,
    thread: state.place.thread,
    name: titleOf(one),
    closed: one?.is_archived
      ? "This channel is archived."
      : one?.is_member === false
        ? "Only members of this channel can reply."
        : null,
  });
  showReplies({ fresh: true });
  if (!matchMedia("(pointer: coarse)").matches) composer.focus();
}

function showReplies({ fresh = false, message = null } = {}) {
  list.show(sortedByTime(state.threads.get(currentKey())), {
    channel: state.place.channel,
    fresh,
    isOwn: message?.is_ephemeral || message?.user === state.as,
  });
}

/** Closing the thread focuses its root in the channel. */
function backToMessage() {
  $(`#conversation article[data-ts="${returnTo}"]`)?.focus();
}
