// Slack's mrkdwn as DOM nodes: marks, links, mentions, dates, emoji, quotes and code.
import { h, link } from "../dom.js";
import { emojiSign } from "./emoji.js";
import { channel, nameOf, state } from "../state.js";
import { fullTime, slackDate } from "./time.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
export const unescape = (text) => text.replace(/&(?:amp|lt|gt);/g, (match) => ENTITIES[match]);

/** @returns {Node[]} the nodes of one mrkdwn text */
export function mrkdwn(text) {
  const nodes = [];
  String(text ?? "")
    .split(/```/)
    .forEach((part, at, parts) => {
      const code = at % 2 === 1 && at < parts.length - 1;
      if (code) nodes.push(h("pre", { tabindex: "0" }, h("code", {}, codeText(part.replace(/^\n/, "")))));
      else if (part || parts.length === 1)
        nodes.push(...quotes(trimAround(at % 2 === 1 ? "```" + part : part, at, parts.length)));
    });
  return nodes;
}

/** A block of code has its own line breaks, so those beside it are removed. */
function trimAround(text, at, count) {
  let trimmed = text;
  if (at > 0) trimmed = trimmed.replace(/^\n/, "");
  if (at < count - 1) trimmed = trimmed.replace(/\n$/, "");
  return trimmed;
}

/** In code only the entities and the labels of links are resolved. */
const codeText = (text) =>
  unescape(text.replace(/<([^|<>]+)\|([^<>]+)>/g, "$2").replace(/<((?:https?|mailto):[^<>]+)>/g, "$1"));

function quotes(text) {
  const nodes = [];
  for (const group of groupLines(text)) {
    const inner = group.lines.map((line, at) => [at ? h("br") : null, inline(line)]);
    if (group.quote) nodes.push(h("blockquote", { dir: "auto" }, inner));
    else nodes.push(h("span", { class: "lines", dir: "auto" }, inner));
  }
  return nodes;
}

/** `>` quotes its line, `>>>` everything that follows. */
function groupLines(text) {
  const groups = [];
  let toTheEnd = false;
  for (const line of text.split("\n")) {
    const rest = toTheEnd ? null : /^(?:&gt;|>){3} ?/.exec(line);
    toTheEnd ||= Boolean(rest);
    const quoted = rest ?? (toTheEnd ? [""] : /^(?:&gt;|>) ?/.exec(line));
    const quote = Boolean(quoted);
    if (groups.at(-1)?.quote !== quote) groups.push({ quote, lines: [] });
    groups.at(-1).lines.push(quoted ? line.slice(quoted[0].length) : line);
  }
  return groups;
}

const before = "(?<![\\p{L}\\p{N}])";
const after = "(?![\\p{L}\\p{N}])";
const mark = (sign) => `${before}${sign}(?=\\S)([^\\n]*?\\S)${sign}${after}`;
const TOKEN = new RegExp(
  ["`([^`\\n]+)`", "<([^<>\\n]+)>", mark("\\*"), mark("_"), mark("~"), ":([a-z0-9_+'-]+(?:::[a-z0-9-]+)?):"].join("|"),
  "gu",
);

/** Marks, links and emoji of one line. */
export function inline(text) {
  const nodes = [];
  let done = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > done) nodes.push(unescape(text.slice(done, match.index)));
    nodes.push(tokenNode(match));
    done = match.index + match[0].length;
  }
  if (done < text.length) nodes.push(unescape(text.slice(done)));
  return nodes;
}

function tokenNode([whole, code, angle, bold, italic, strike, name]) {
  if (code !== undefined) return h("code", {}, codeText(code));
  if (angle !== undefined) return angleNode(angle);
  if (bold !== undefined) return h("strong", {}, inline(bold));
  if (italic !== undefined) return h("em", {}, inline(italic));
  if (strike !== undefined) return h("s", {}, inline(strike));
  return emojiNode(name, whole);
}

/** An emoji with its name for screen readers; an unknown name stays text. */
export function emojiNode(name, whole = `:${name}:`) {
  const sign = emojiSign(name);
  return sign === whole
    ? whole
    : h("span", { class: "emoji", role: "img", "aria-label": `${name.replaceAll("_", " ")} emoji` }, sign);
}

function angleNode(angle) {
  const bar = angle.indexOf("|");
  const target = bar < 0 ? angle : angle.slice(0, bar);
  const label = bar < 0 ? null : angle.slice(bar + 1);
  if (target.startsWith("@")) return personMention(target.slice(1), label);
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!")) return specialCommand(target.slice(1), label);
  return link(unescape(target), label === null ? unescape(target).replace(/^mailto:/, "") : inline(label));
}

/** A person's name, marked when it is the reader's own. */
export function personMention(id, label = null) {
  const isReader = id === state.as;
  const name = state.people.has(id) ? nameOf(id) : (label ?? id);
  return h("span", { class: isReader ? "mention mine" : "mention", "data-user": id }, `@${name.replace(/^@/, "")}`);
}

export function channelMention(id, label = null) {
  const name = channel(id)?.name ?? label ?? id;
  const exists = state.channels.has(id);
  return h(
    exists ? "a" : "span",
    { class: "mention", ...(exists && { href: `?as=${state.as}&channel=${id}`, "data-channel": id }) },
    `#${name}`,
  );
}

export const broadcastMention = (range) => h("span", { class: "mention mine" }, `@${range}`);

function specialCommand(body, label) {
  const [kind, ...rest] = body.split("^");
  if (["here", "channel", "everyone"].includes(kind)) return broadcastMention(kind);
  if (kind === "date") return dateNode(rest[0], rest[1], rest[2], label);
  if (kind === "subteam") return h("span", { class: "mention" }, label ?? `@${rest[0]}`);
  return h("span", {}, label ?? `<${body}>`);
}

/** A moment in the reader's own zone; its fallback when the format cannot be read. */
export function dateNode(seconds, template, url, fallback) {
  const words = slackDate(seconds, template) ?? (fallback === null ? String(seconds) : unescape(fallback));
  const moment = Number.isFinite(Number(seconds)) ? new Date(Number(seconds) * 1000) : null;
  const props = moment && { datetime: moment.toISOString(), title: fullTime(moment.getTime()) };
  const node = h("time", props ?? {}, words);
  return url ? link(url, node) : node;
}

/** The nodes of a Block Kit text object. */
export function textNodes(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return plainNodes(object.text, object.emoji !== false);
}

/** Plain text keeps its line breaks and may name emoji. */
export function plainNodes(text, withEmoji = true) {
  return String(text ?? "")
    .split("\n")
    .map((line, at) => [
      at ? h("br") : null,
      withEmoji
        ? line
            .split(/(:[a-z0-9_+'-]+:)/)
            .map((part) => (/^:[a-z0-9_+'-]+:$/.test(part) ? emojiNode(part.slice(1, -1)) : unescape(part)))
        : unescape(line),
    ]);
}

/** Text without nodes, for labels, previews and announcements. */
export function plainWords(text) {
  return h("span", {}, mrkdwn(text)).textContent;
}
