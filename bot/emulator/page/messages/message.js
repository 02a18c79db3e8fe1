// One message: who, when, what, and everything that can be done with it.
import { post } from "../api.js";
import { authorOf, avatar, statusEmoji } from "../avatar.js";
import { drawBlocks } from "../blocks/blocks.js";
import { h, icon, iconButton, link } from "../dom.js";
import { emojiNode, mrkdwn } from "../text/mrkdwn.js";
import { openMenu } from "../popup.js";
import { pickEmoji } from "./emoji_picker.js";
import { state, nameOf } from "../state.js";
import { addressOf, goTo } from "../store.js";
import { Surface } from "../blocks/surface.js";
import { messageEditor, isOwnMessage, deleteMessage } from "./editing.js";
import { runShortcut } from "../commands.js";
import { clock, fullTime, milliseconds, shortMoment } from "../text/time.js";

/** @typedef {{channel: string, pane: "channel"|"thread", compact: boolean}} Where */

/** Draws a message into its article, keeping what did not change inside its blocks. */
export function drawMessage(article, message, where) {
  const author = authorOf(message);
  article.className = `message ${where.compact ? "compact" : ""} ${message.is_ephemeral ? "ephemeral" : ""}`;
  article.dataset.ts = message.ts;
  article.setAttribute("aria-label", `${author.real_name}, ${clock(milliseconds(message.ts))}`);
  const body = h(
    "div",
    { class: "message-body" },
    message.is_ephemeral ? h("div", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
    where.compact ? null : messageHead(message, author),
    article.editing
      ? messageEditor(message, where.channel, () => setEditing(article, where, false))
      : messageContent(article, message, where),
    fileList(message),
    reactionBar(message, where),
    threadSummary(message, where),
  );
  const bar = article.querySelector(":scope > .toolbar");
  article.replaceChildren(where.compact ? gutterTime(message) : avatar(author), body);
  if (bar) article.append(bar);
}

/** Puts the editor in place of the words, or takes it away. */
export function setEditing(article, where, on) {
  article.editing = on;
  drawMessage(article, article.message, where);
  if (on) article.scrollIntoView({ block: "nearest" });
  else article.focus();
}

function messageHead(message, author) {
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: "author", dir: "auto" }, author.real_name),
    author.is_bot && author.id !== "USLACKBOT" ? h("span", { class: "badge" }, "APP") : null,
    author.is_bot ? null : statusEmoji(author),
    timeNode("when", message, (text) => text),
  );
}

const gutterTime = (message) => timeNode("gutter", message, (text) => text.replace(/\s?[AP]M/i, ""));

function timeNode(className, message, shorten) {
  const ms = milliseconds(message.ts);
  const props = { class: className, datetime: new Date(ms).toISOString(), title: fullTime(ms) };
  return h("time", props, shorten(clock(ms)));
}

/** The surface stays with the article, so that typed input survives a redraw. */
function messageContent(article, message, where) {
  const edited = message.edited
    ? h(
        "span",
        { class: "edited", title: message.edited.ts ? fullTime(milliseconds(message.edited.ts)) : null },
        "(edited)",
      )
    : null;
  const attachments = (message.attachments ?? []).map((one, at) => attachment(one, message, where, at));
  if (!message.blocks?.length || typedByHand(message))
    return [
      message.text ? h("div", { class: "text", dir: "auto" }, mrkdwn(message.text), edited && " ", edited) : edited,
      attachments,
    ];
  article.surface ??= new Surface({ type: "message", channel: where.channel, message_ts: message.ts });
  article.blocksNode ??= h("div", { class: "blocks" });
  drawBlocks(article.blocksNode, message.blocks, article.surface);
  return [article.blocksNode, edited, attachments];
}

/** A person's message is drawn from its text, which still has the marks for bold and code. */
const typedByHand = (message) =>
  !message.bot_id && message.blocks.every((block) => block.type === "rich_text") && Boolean(message.text);

function attachment(one, message, where) {
  const box = h("div", {
    class: "attachment",
    style: one.color ? { "border-left-color": /^[0-9a-f]{6}$/i.test(one.color) ? `#${one.color}` : "" } : {},
  });
  if (one.blocks)
    drawBlocks(box, one.blocks, new Surface({ type: "message", channel: where.channel, message_ts: message.ts }));
  else
    box.append(
      h(
        "div",
        {},
        one.pretext ? h("div", {}, mrkdwn(one.pretext)) : null,
        one.title ? h("strong", {}, one.title_link ? link(one.title_link, one.title) : one.title) : null,
        h("div", { dir: "auto" }, mrkdwn(one.text ?? one.fallback ?? "")),
        h(
          "div",
          { class: "fields" },
          (one.fields ?? []).map((field) =>
            h("div", {}, h("strong", {}, field.title), h("div", {}, mrkdwn(field.value))),
          ),
        ),
      ),
    );
  return box;
}

function fileList(message) {
  if (!message.files?.length) return null;
  return h(
    "ul",
    { class: "files", "aria-label": "Files" },
    message.files.map((file) => {
      const url = file.url_private ?? file.permalink;
      if (file.mimetype?.startsWith("image/") && url)
        return h(
          "li",
          {},
          link(url, h("img", { class: "file-image", src: url, alt: file.title ?? file.name, loading: "lazy" })),
        );
      const words = [
        icon("file"),
        h(
          "span",
          {},
          h("strong", { dir: "auto" }, file.title || file.name),
          h(
            "span",
            { class: "file-kind" },
            `${file.pretty_type ?? file.filetype?.toUpperCase() ?? "File"}${file.size ? `, ${fileSize(file.size)}` : ""}`,
          ),
        ),
      ];
      return h("li", { class: "file" }, url ? link(url, words) : words);
    }),
  );
}

const fileSize = (bytes) =>
  bytes < 1024
    ? `${bytes} bytes`
    : bytes < 1048576
      ? `${Math.round(bytes / 1024)} kB`
      : `${(bytes / 1048576).toFixed(1)} MB`;

function reactionBar(message, where) {
  if (!message.reactions?.length) return null;
  return h(
    "div",
    { class: "reactions" },
    message.reactions.map((one) => {
      const who = one.users.map(nameOf).join(", ");
      return h(
        "button",
        {
          type: "button",
          class: "reaction",
          "aria-pressed": String(one.users.includes(state.as)),
          title: `${who} reacted with :${one.name}:`,
          "data-focus": `reaction/${one.name}`,
          "aria-label": `${one.name.replaceAll("_", " ")}, ${one.count ?? one.users.length} reaction${(one.count ?? one.users.length) === 1 ? "" : "s"}: ${who}`,
          onclick: () => toggleReaction(where.channel, message.ts, one.name),
        },
        emojiNode(one.name),
        h("span", {}, String(one.count ?? one.users.length)),
      );
    }),
  );
}

const toggleReaction = (channel, ts, name) => post("/ui/react", { as: state.as, channel, ts, name });

function threadSummary(message, where) {
  if (!message.reply_count || where.pane === "thread") return null;
  const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(state.people.get(id), "tiny"));
  return h(
    "button",
    { type: "button", class: "thread-summary", "data-focus": "summary", onclick: () => openThread(message, where) },
    faces,
    h("span", { class: "replies" }, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`),
    " · ",
    h("span", { class: "last" }, `last reply ${shortMoment(milliseconds(message.latest_reply ?? message.ts))}`),
  );
}

const openThread = (message, where) => goTo({ channel: where.channel, thread: message.thread_ts ?? message.ts });

/** The toolbar shows while the message has the pointer or the focus. */
export function attachToolbar(article, message, where) {
  const show = () => {
    if (article.querySelector(":scope > .toolbar")) return;
    removeOtherToolbars();
    article.append(toolbar(article, article.message, where));
  };
  const hide = () => {
    const bar = article.querySelector(":scope > .toolbar");
    if (
      bar &&
      !article.matches(":hover") &&
      !article.contains(document.activeElement) &&
      !bar.querySelector("[aria-expanded=true]")
    )
      bar.remove();
  };
  article.message = message;
  article.addEventListener("pointerenter", show);
  article.addEventListener("focusin", show);
  article.addEventListener("pointerleave", hide);
  article.addEventListener("focusout", () => setTimeout(hide));
}

/** One toolbar at a time, but never one that is in use. */
function removeOtherToolbars() {
  for (const bar of document.querySelectorAll(".toolbar")) {
    if (!bar.contains(document.activeElement) && !bar.querySelector("[aria-expanded=true]")) bar.remove();
  }
}

function toolbar(article, message, where) {
  const current = () => article.message;
  if (message.is_ephemeral) return h("div", { class: "toolbar empty" });
  const reactButton = iconButton("react", "Add reaction", { "data-focus": "react" });
  reactButton.addEventListener("click", () =>
    pickEmoji(reactButton, (name) => toggleReaction(where.channel, current().ts, name)),
  );
  const more = iconButton("more", "More actions", {
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "data-focus": "more",
  });
  more.addEventListener("click", () =>
    openMenu(more, { label: "More actions", align: "end", items: menuActions(article, current(), where) }),
  );
  return h(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Message actions" },
    reactButton,
    where.pane === "thread"
      ? null
      : iconButton("thread", "Reply in thread", { onclick: () => openThread(current(), where), "data-focus": "reply" }),
    more,
  );
}

function menuActions(article, message, where) {
  const shortcuts = state.shortcuts.filter((one) => one.type === "message");
  const own = isOwnMessage(message)
    ? [
        { label: "Edit message", icon: icon("pencil"), choose: () => setEditing(article, where, true) },
        { label: "Delete message…", icon: icon("bin"), danger: true, choose: () => deleteMessage(message, where.channel) },
      ]
    : [];
  return [
    ...shortcuts.map((one) => ({
      label: one.name,
      description: one.description ?? state.app.name,
      icon: icon("bolt"),
      choose: () => runShortcut(one, { channel: where.channel, message_ts: message.ts }),
    })),
    {
      label: "Copy link",
      description: "Opens this conversation here",
      icon: icon("link"),
      choose: () => copyLink(message, where),
    },
    ...own,
  ];
}

const copyLink = (message, where) =>
  navigator.clipboard?.writeText(
    location.origin + location.pathname + addressOf({ channel: where.channel, thread: message.thread_ts ?? message.ts }),
  );
