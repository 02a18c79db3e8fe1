// Slack's rich_text: sections, lists, quotes and preformatted text.
import { h, link } from "../dom.js";
import { broadcastMention, channelMention, dateNode, emojiNode, personMention } from "./mrkdwn.js";

/** @returns {Node[]} */
export const richText = (block) => block.elements.map((part) => PARTS[part.type]?.(part) ?? h("span", {}));

const PARTS = {
  rich_text_section: (part) => h("div", { class: "text", dir: "auto" }, leaves(part)),
  rich_text_quote: (part) => h("blockquote", { dir: "auto" }, leaves(part)),
  rich_text_preformatted: (part) => h("pre", { tabindex: "0" }, h("code", {}, leaves(part))),
  rich_text_list: (part) =>
    h(
      part.style === "ordered" ? "ol" : "ul",
      { class: `indent-${part.indent ?? 0}`, start: part.style === "ordered" && part.offset ? part.offset + 1 : null },
      part.elements.map((item) => h("li", { dir: "auto" }, leaves(item))),
    ),
};

const leaves = (part) => part.elements.map((leaf) => styled(leaf.style, (LEAVES[leaf.type] ?? LEAVES.text)(leaf)));

const LEAVES = {
  text: (leaf) => (leaf.text ?? "").split("\n").map((line, at) => [at ? h("br") : null, line]),
  link: (leaf) => link(leaf.url, leaf.text || leaf.url),
  user: (leaf) => personMention(leaf.user_id),
  channel: (leaf) => channelMention(leaf.channel_id),
  usergroup: (leaf) => h("span", { class: "mention" }, `@${leaf.usergroup_id}`),
  broadcast: (leaf) => broadcastMention(leaf.range),
  emoji: (leaf) => emojiNode(leaf.name),
  date: (leaf) => dateNode(leaf.timestamp, leaf.format, leaf.url, leaf.fallback ?? null),
  color: (leaf) => leaf.value,
};

const STYLES = [
  ["bold", "strong"],
  ["italic", "em"],
  ["strike", "s"],
  ["code", "code"],
];

function styled(style, content) {
  return STYLES.reduce((inner, [name, tag]) => (style?.[name] ? h(tag, {}, inner) : inner), content);
}
