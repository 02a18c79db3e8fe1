// Starts the page: the acting person, the place, and what belongs to the whole window.
import { authorOf } from "./avatar.js";
import { startActing } from "./panes/acting.js";
import { focusComposer, startConversation } from "./panes/conversation.js";
import { $, fill, h, iconButton } from "./dom.js";
import { reasonFor } from "./commands.js";
import { startModals } from "./panes/modal.js";
import { plainWords } from "./text/mrkdwn.js";
import { startSidebar } from "./panes/sidebar.js";
import { on, state, titleOf } from "./state.js";
import { actAs, goTo, placeFromAddress, markRead } from "./store.js";
import { openSwitcher } from "./panes/switcher.js";
import { startThread } from "./panes/thread.js";
import { startTraffic } from "./panes/traffic.js";

startSidebar();
startConversation();
startThread();
startModals();
startTraffic();
startActing(switchPerson);
startWindow();
await openPlace(placeFromAddress());

/** Opens the place an address names; without one, the person's channel with the newest message. */
async function openPlace(place, replace = true) {
  if (place.as !== state.as || !state.as) await actAs(place.as);
  const first = [...state.channels.values()]
    .filter((one) => !one.is_im && one.is_member !== false && !one.is_archived)
    .sort((a, b) => (b.latest ?? "").localeCompare(a.latest ?? "") || a.name.localeCompare(b.name))[0];
  if (place.home) return goTo({ home: true }, { replace });
  if (state.channels.has(place.channel)) return goTo({ channel: place.channel, thread: place.thread }, { replace });
  await goTo(first ? { channel: first.id } : { home: true }, { replace });
}

/** Keeps the place where the other person may be there too. */
async function switchPerson(user) {
  if (user === state.as) return;
  const { channel, thread, home } = state.place;
  const direct = state.channels.get(channel)?.is_im;
  await actAs(user);
  state.place = { channel: null, thread: null, home: false };
  await openPlace({ as: user, channel: direct ? null : channel, thread, home }, false);
  announce(`You are now ${state.me?.real_name}`);
}

function startWindow() {
  addEventListener("popstate", () => openPlace(placeFromAddress()));
  addEventListener("focus", () => {
    if (state.place.channel) markRead(state.place.channel);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSwitcher();
    }
  });
  document.addEventListener("click", followLink);
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
  on("failed", ({ what, error }) => toast(`${what}: ${reasonFor(error)}`));
  on("focus-lost", focusComposer);
  on("arrived", ({ channel, message }) => {
    if (message.user === state.as && !message.bot_id) return;
    const place = titleOf(state.channels.get(channel));
    announce(`${authorOf(message).real_name} in ${place}: ${plainWords(message.text ?? "")}`);
  });
}

/** Links into this workspace stay in this window: channel mentions and permalinks. */
function followLink(event) {
  const anchor = event.target.closest?.("a");
  if (!anchor || event.ctrlKey || event.metaKey) return;
  const target = anchor.dataset.channel
    ? [null, anchor.dataset.channel]
    : /\/archives\/([A-Z0-9]+)(?:\/p(\d{10})(\d{6}))?/.exec(anchor.pathname);
  if (!target || !state.channels.has(target[1])) return;
  event.preventDefault();
  const ts = target[2] ? `${target[2]}.${target[3]}` : null;
  const root = new URLSearchParams(anchor.search).get("thread_ts");
  goTo({ channel: target[1], thread: root }).then(() => showMessage(root ? "#thread" : "#conversation", ts));
}

/** Scrolls to one message and focuses it. */
function showMessage(pane, ts) {
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
