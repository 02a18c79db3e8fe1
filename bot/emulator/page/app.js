// Starts the page: who acts, which place, and the few things that belong to the whole window.
import { authorOf } from "./avatar.js";
import { startActing } from "./acting.js";
import { focusComposer, startConversation } from "./conversation.js";
import { $, fill, h, iconButton } from "./dom.js";
import { reason } from "./deeds.js";
import { startModals } from "./modal.js";
import { words } from "./mrkdwn.js";
import { startSidebar } from "./sidebar.js";
import { on, state, titleOf } from "./state.js";
import { begin, go, placeFromAddress, read } from "./store.js";
import { openSwitcher } from "./switcher.js";
import { startThread } from "./thread.js";
import { startTraffic } from "./traffic.js";

startSidebar();
startConversation();
startThread();
startModals();
startTraffic();
startActing(become);
startWindow();
await enter(placeFromAddress());

/** Opens the place an address names; without one, the first channel the person is in. */
async function enter(place, replace = true) {
  if (place.as !== state.as || !state.as) await begin(place.as);
  const known = state.channels.has(place.channel);
  const first = [...state.channels.values()]
    .filter((one) => !one.is_im && one.is_member !== false && !one.is_archived)
    .sort((a, b) => a.name.localeCompare(b.name))[0];
  if (place.home) return go({ home: true }, { replace });
  if (known) return go({ channel: place.channel, thread: place.thread }, { replace });
  await go(first ? { channel: first.id } : { home: true }, { replace });
}

/** Becomes somebody else, in the same place where they may be there too. */
async function become(user) {
  if (user === state.as) return;
  const { channel, thread, home } = state.place;
  const direct = state.channels.get(channel)?.is_im;
  await begin(user);
  state.place = { channel: null, thread: null, home: false };
  await enter({ as: user, channel: direct ? null : channel, thread, home }, false);
  announce(`You are now ${state.me?.real_name}`);
}

function startWindow() {
  addEventListener("popstate", () => enter(placeFromAddress()));
  addEventListener("focus", () => {
    if (state.place.channel) read(state.place.channel);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSwitcher();
    }
  });
  document.addEventListener("click", follow);
  $(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    $("#conversation").focus();
  });
  document.addEventListener("follow", (event) => window.open(event.detail, "_blank", "noopener"));
  if (/Mac|iPhone|iPad/.test(navigator.userAgent)) $("#jump-to kbd").textContent = "⌘ K";
  $("#jump-to").addEventListener("click", () => openSwitcher());
  on("connection", () => {
    $("#reconnecting").hidden = state.connected;
  });
  on("failed", ({ what, error }) => toast(`${what}: ${reason(error)}`));
  on("focus-lost", focusComposer);
  on("arrived", ({ channel, message }) => {
    if (message.user === state.as && !message.bot_id) return;
    announce(`${authorOf(message).real_name} in ${titleOf(state.channels.get(channel))}: ${words(message.text ?? "")}`);
  });
}

/** Links into this workspace stay in this window: channel mentions and permalinks. */
function follow(event) {
  const anchor = event.target.closest?.("a");
  if (!anchor || event.ctrlKey || event.metaKey) return;
  const found = anchor.dataset.channel
    ? [null, anchor.dataset.channel]
    : /\/archives\/([A-Z0-9]+)(?:\/p(\d{10})(\d{6}))?/.exec(anchor.pathname);
  if (!found || !state.channels.has(found[1])) return;
  event.preventDefault();
  const ts = found[2] ? `${found[2]}.${found[3]}` : null;
  const root = new URLSearchParams(anchor.search).get("thread_ts");
  go({ channel: found[1], thread: root }).then(() => lead(root ? "#thread" : "#conversation", ts));
}

/** Leads to one message and marks it for a moment. */
function lead(pane, ts) {
  const article = ts && $(`${pane} article[data-ts="${ts}"]`);
  if (!article) return;
  article.scrollIntoView({ block: "center" });
  article.focus();
}

function announce(text) {
  fill($("#announcer"), text);
}

function toast(text) {
  const node = h(
    "div",
    { class: "toast", role: "alert" },
    h("span", {}, text),
    iconButton("close", "Dismiss", { onclick: () => node.remove() }),
  );
  (document.querySelector("dialog[open]") ?? document.body).append(node);
  setTimeout(() => node.remove(), 8000);
}
