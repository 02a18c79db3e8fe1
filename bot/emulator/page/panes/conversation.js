// The middle: a channel or a direct message with its header, messages and composer; or the app's Home.
import { avatar, presenceDot, statusEmoji } from "../avatar.js";
import { drawBlocks } from "../blocks/blocks.js";
import { Composer } from "../messages/composer.js";
import { $, fill, h, icon, keepFocus } from "../dom.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { MessageList } from "../messages/message_list.js";
import { sortedByTime, isApp, on, person, state, titleOf, topicOf } from "../state.js";
import { appTabs } from "./sidebar.js";
import { joinChannel } from "../store.js";
import { Surface } from "../blocks/surface.js";
import { theirTime } from "../text/time.js";

let list, composer, homeSurface;

export function startConversation() {
  list = new MessageList("channel", "Messages");
  composer = new Composer("composer", () => list.editLast());
  $("#conversation").append(list.node, composer.node);
  composer.node.hidden = true;
  on("place", ({ moved }) => {
    showPlace();
    if (moved) showMessages({ fresh: true });
  });
  on("channels", () => {
    drawHeader();
    updateComposer();
  });
  on("people", drawHeader);
  on("messages", (change) => {
    if (change.channel === state.place.channel && !state.place.home) showMessages(change);
  });
  on("home", drawHome);
}

const currentChannel = () => state.channels.get(state.place.channel);

/** Shows the header, the tab and the composer of the place. */
function showPlace() {
  const home = state.place.home;
  $("#home").hidden = !home;
  list.node.hidden = composer.node.hidden = home;
  drawHeader();
  if (home) return drawHome();
  updateComposer();
}

function updateComposer() {
  const one = currentChannel();
  if (!one || state.place.home) return;
  const note = one.is_archived
    ? "This channel is archived: it can be read, not written to."
    : one.is_member === false
      ? joinNote(one)
      : null;
  const key = `${one.id}|${state.as}|${Boolean(note)}`;
  if (composer.opened === key) return;
  composer.opened = key;
  composer.open({ channel: one.id, name: titleOf(one), closed: note });
  if (!note && !matchMedia("(pointer: coarse)").matches && !document.querySelector("dialog[open]")) composer.focus();
}

const joinNote = (one) => [
  h("p", {}, `You are looking at #${one.name}.`),
  h("button", { type: "button", class: "button primary", onclick: () => joinChannel(one.id) }, "Join channel"),
];

function drawHeader() {
  const one = currentChannel();
  const app = state.place.home || (one?.is_im && isApp(one.user));
  const head = $("#conversation-head");
  keepFocus(head, () => fill(head, app ? appHead() : one?.is_im ? directHead(one) : channelHead(one)));
}

function channelHead(one) {
  if (!one) return h("h1", {}, "");
  const count = one.num_members ?? one.members?.length;
  return [
    h(
      "div",
      { class: "head-words" },
      h(
        "h1",
        { dir: "auto" },
        one.is_private ? icon("lock") : h("span", { class: "hash", "aria-hidden": "true" }, "#"),
        one.name,
      ),
      topicOf(one) ? h("p", { class: "topic", dir: "auto" }, mrkdwn(topicOf(one))) : null,
    ),
    count === undefined
      ? null
      : h(
          "span",
          { class: "members", title: (one.members ?? []).map((id) => person(id)?.real_name ?? id).join(", ") || null },
          `${count} member${count === 1 ? "" : "s"}`,
        ),
  ];
}

function directHead(one) {
  const user = person(one.user) ?? {};
  return h(
    "div",
    { class: "head-words" },
    h(
      "h1",
      { dir: "auto" },
      h("span", { class: "face" }, avatar(user, "small"), presenceDot(user)),
      titleOf(one),
      statusEmoji(user),
    ),
    h(
      "p",
      { class: "topic" },
      [user.title, user.status_text, `${theirTime(user)} local time`].filter(Boolean).join(" · "),
    ),
  );
}

function appHead() {
  const user = person(state.app.bot_user) ?? { name: state.app.name, is_bot: true };
  return [
    h(
      "div",
      { class: "head-words" },
      h("h1", { dir: "auto" }, avatar(user, "small"), state.app.name ?? "", h("span", { class: "badge" }, "APP")),
    ),
    appTabs(),
  ];
}

function showMessages({ fresh = false, message = null } = {}) {
  const one = currentChannel();
  if (!one) return;
  list.show(sortedByTime(state.messages.get(one.id)), {
    channel: one.id,
    fresh,
    newFrom: state.newFrom,
    isOwn: message?.is_ephemeral || (message?.user === state.as && !message?.bot_id),
    intro: fresh || !list.intro ? (list.intro = channelIntro(one)) : list.intro,
  });
}

/** Above the first message. */
function channelIntro(one) {
  if (one.is_im)
    return h(
      "div",
      { class: "intro", role: "listitem" },
      avatar(person(one.user)),
      h("h2", { dir: "auto" }, titleOf(one)),
      h(
        "p",
        {},
        isApp(one.user)
          ? "Write to the app here; it answers only you."
          : `This conversation is between you and ${titleOf(one)}.`,
      ),
    );
  return h(
    "div",
    { class: "intro", role: "listitem" },
    h("h2", { dir: "auto" }, titleOf(one)),
    h("p", {}, topicOf(one) ? mrkdwn(topicOf(one)) : "This is where the channel begins."),
  );
}

function drawHome() {
  const root = $("#home");
  if (!state.place.home) return;
  const view = state.home;
  if (!view)
    return fill(
      root,
      h("p", { class: "empty" }, `${state.app.name ?? "The app"} has not published a Home for you yet.`),
    );
  if (homeSurface?.key !== `${state.as}/${view.id}`) {
    homeSurface = new Surface({ type: "home", view_id: view.id }, view.state?.values ?? {});
    homeSurface.key = `${state.as}/${view.id}`;
    homeSurface.node = h("div", { class: "blocks home-blocks" });
  }
  if (!root.contains(homeSurface.node)) fill(root, homeSurface.node);
  drawBlocks(homeSurface.node, view.blocks, homeSurface);
}

export const focusComposer = () => composer.focus();
