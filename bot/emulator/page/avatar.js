// A person at a glance: initials on their colour, presence, status.
import { h } from "./dom.js";
import { emojiNode } from "./text/mrkdwn.js";
import { state } from "./state.js";

const initials = (name) =>
  name
    .split(/[\s_-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((part) => [...part][0])
    .join("")
    .toUpperCase();

/** Letters stay readable on any colour the server chose. */
function textColorOn(hex) {
  const channels = [0, 2, 4]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
  return light > 0.179 ? "#000000" : "#ffffff";
}

/** Initials; decoration beside a name, so screen readers pass over it. */
export function avatar(user, size = "") {
  const color = /^#?([0-9a-f]{6})$/i.exec(user?.color ?? "")?.[1] ?? "616061";
  const name = user?.real_name || user?.name || "?";
  return h(
    "span",
    {
      class: `avatar ${size} ${user?.is_bot ? "app" : ""}`,
      "aria-hidden": "true",
      style: { background: `#${color}`, color: textColorOn(color) },
    },
    initials(name),
  );
}

/** The dot of presence, in words too. */
export function presenceDot(user) {
  const here = user?.presence === "active" || user?.presence === "auto" || user?.is_bot;
  const words = user?.dnd ? "Do not disturb" : here ? "Active" : "Away";
  return h("span", {
    class: `presence ${here ? "active" : "away"} ${user?.dnd ? "dnd" : ""}`,
    role: "img",
    "aria-label": words,
    title: words,
  });
}

/** The small emoji of somebody's status, with its words. */
export function statusEmoji(user) {
  const name = user?.status_emoji?.replaceAll(":", "");
  if (!name && !user?.status_text) return null;
  return h(
    "span",
    { class: "status", title: user.status_text || null },
    name ? emojiNode(name) : "💬",
    user.status_text ? h("span", { class: "hidden" }, ` ${user.status_text}`) : null,
  );
}

/** The author of a message: a person, an app, or Slackbot. */
export function authorOf(message) {
  if (message.user === "USLACKBOT") return { id: "USLACKBOT", real_name: "Slackbot", color: "4a154b", is_bot: true };
  const user = state.people.get(message.user);
  if (message.bot_id) {
    const app = user ?? state.people.get(state.app.bot_user) ?? {};
    return { ...app, is_bot: true, real_name: message.username || app.real_name || state.app.name || "App" };
  }
  return user ?? { id: message.user, real_name: message.username || message.user || "Unknown", color: "616061" };
}
