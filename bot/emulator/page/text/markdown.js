// Standard Markdown of the markdown block: headings, lists, tasks, quotes, tables, code, rules and inline marks.
import { h, link } from "../dom.js";
import { emojiNode, inline as slackInline } from "./mrkdwn.js";

/** @returns {Node[]} */
export function markdown(text) {
  const lines = String(text ?? "")
    .replace(/\r/g, "")
    .split("\n");
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    const [node, next] = blockAt(lines, at);
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

const RULES = [
  [/^\s*$/, (lines, at) => [null, at + 1]],
  [/^```/, fence],
  [
    /^(#{1,6})\s+(.*)/,
    (lines, at, match) => [h(`h${Math.min(6, match[1].length + 1)}`, { dir: "auto" }, inline(match[2])), at + 1],
  ],
  [/^\s*([-*_])(\s*\1){2,}\s*$/, (lines, at) => [h("hr"), at + 1]],
  [/^>\s?/, quote],
  [/^\s*\|.*\|\s*$/, table],
  [/^\s*([-*+]|\d+[.)])\s+/, list],
];

function blockAt(lines, at) {
  for (const [pattern, build] of RULES) {
    const match = pattern.exec(lines[at]);
    const built = match && build(lines, at, match);
    if (built) return built;
  }
  return paragraph(lines, at);
}

const startsBlock = (line) => RULES.some(([pattern]) => pattern.test(line));

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && !startsBlock(lines[end])) end++;
  return [
    h(
      "p",
      { dir: "auto" },
      lines.slice(at, end).map((line, n) => [n ? h("br") : null, inline(line)]),
    ),
    end,
  ];
}

function fence(lines, at) {
  let end = at + 1;
  while (end < lines.length && !lines[end].startsWith("```")) end++;
  return [h("pre", { tabindex: "0" }, h("code", {}, lines.slice(at + 1, end).join("\n"))), end + 1];
}

function quote(lines, at) {
  let end = at;
  while (end < lines.length && /^>\s?/.test(lines[end])) end++;
  return [
    h(
      "blockquote",
      { dir: "auto" },
      markdown(
        lines
          .slice(at, end)
          .map((line) => line.replace(/^>\s?/, ""))
          .join("\n"),
      ),
    ),
    end,
  ];
}

const cells = (line) =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

function table(lines, at) {
  if (!/^\s*\|?[\s:|-]+\|?\s*$/.test(lines[at + 1] ?? "") || !lines[at + 1].includes("-")) return null;
  let end = at + 2;
  while (end < lines.length && /^\s*\|.*\|\s*$/.test(lines[end])) end++;
  const row = (line, tag) =>
    h(
      "tr",
      {},
      cells(line).map((cell) => h(tag, { dir: "auto", scope: tag === "th" ? "col" : null }, inline(cell))),
    );
  return [
    h(
      "div",
      { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
      h(
        "table",
        {},
        h("thead", {}, row(lines[at], "th")),
        h(
          "tbody",
          {},
          lines.slice(at + 2, end).map((line) => row(line, "td")),
        ),
      ),
    ),
    end,
  ];
}

const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)/;

function list(lines, at) {
  const [, indent, sign] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(sign);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const match = ITEM.exec(lines[end]);
    if (match && match[1].length === indent.length && /\d/.test(match[2]) === ordered) items.push([match[3], []]);
    else if ((match && match[1].length > indent.length) || /^\s{2,}\S/.test(lines[end]))
      items.at(-1)[1].push(lines[end]);
    else break;
    end++;
  }
  return [
    h(
      ordered ? "ol" : "ul",
      { start: ordered ? parseInt(sign, 10) : null },
      items.map(([text, nested]) => item(text, nested)),
    ),
    end,
  ];
}

function item(text, nested) {
  const task = /^\[([ xX])\]\s+(.*)/.exec(text);
  const below = nested.length ? markdown(nested.map((line) => line.replace(/^ {2,4}/, "")).join("\n")) : [];
  if (!task) return h("li", { dir: "auto" }, inline(text), below);
  const box = h("input", {
    type: "checkbox",
    disabled: true,
    checked: task[1] !== " ",
    "aria-label": task[1] === " " ? "Open" : "Done",
  });
  return h("li", { class: "task", dir: "auto" }, box, " ", inline(task[2]), below);
}

const TOKEN =
  /`([^`]+)`|!?\[([^\]]*)\]\(([^\s)]+)[^)]*\)|(\*\*|__)(?=\S)(.+?)\4|~~(.+?)~~|(?<![\w*])([*_])(?=\S)(.+?\S?)\7(?![\w*])|<([^<>\s]+)>|(https?:\/\/[^\s<>()]+)|:([a-z0-9_+-]+):|\\([\\`*_{}[\]()#+.!|~>-])/gu;

function inline(text) {
  const nodes = [];
  let done = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(text.slice(done, match.index), tokenNode(match));
    done = match.index + match[0].length;
  }
  nodes.push(text.slice(done));
  return nodes;
}

function tokenNode(match) {
  const [whole, code, label, url, , bold, strike, , italic, angle, bare, name, escaped] = match;
  if (code !== undefined) return h("code", {}, code);
  if (url !== undefined) return link(url, inline(label || url));
  if (bold !== undefined) return h("strong", {}, inline(bold));
  if (strike !== undefined) return h("s", {}, inline(strike));
  if (italic !== undefined) return h("em", {}, inline(italic));
  if (angle !== undefined) return slackInline(whole);
  if (bare !== undefined) return link(bare, bare);
  return name === undefined ? escaped : emojiNode(name);
}
