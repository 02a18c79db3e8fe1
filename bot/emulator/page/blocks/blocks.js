// Block Kit's blocks as DOM nodes.
import { append, fill, h, keepFocus, link, placeChildren, uniqueId } from "../dom.js";
import { elementNode } from "./elements.js";
import { markdown } from "../text/markdown.js";
import { mrkdwn, textNodes } from "../text/mrkdwn.js";
import { pictureUrl } from "./picture.js";
import { richText } from "../text/rich_text.js";

const KINDS = {
  section,
  header,
  context,
  actions,
  input,
  image,
  video,
  alert,
  container,
  card,
  table: (block) => table(block),
  divider: () => h("hr"),
  rich_text: (block) => h("div", { class: "rich-text" }, richText(block)),
  markdown: (block) => h("div", { class: "markdown" }, markdown(block.text)),
  data_table: (block) => table(block, block.caption),
  context_actions: actions,
};

/**
 * Draws blocks into `root`; a block that did not change keeps its node, and with it focus and typing.
 * @param {HTMLElement} root
 * @param {any[]} blocks
 * @param {import("./surface.js").Surface} surface
 */
export function drawBlocks(root, blocks, surface) {
  const now = new Map();
  blocks.forEach((block, at) => {
    const key = block.block_id ?? `#${at}`;
    const json = JSON.stringify(block);
    const old = surface.nodes.get(key);
    now.set(key, old?.json === json ? old : { json, node: blockNode(block, surface) });
  });
  surface.nodes = now;
  const nodes = [...now.values()].map((one) => one.node);
  keepFocus(root, () => placeChildren(root, nodes));
}

function blockNode(block, surface) {
  const draw = KINDS[block.type];
  const node = draw
    ? draw(block, surface)
    : h("div", { class: "unknown" }, `(The block “${block.type}” is not drawn here.)`);
  node.classList.add("block");
  node.dataset.block = block.block_id ?? "";
  return node;
}

function section(block, surface) {
  const words = h(
    "div",
    { class: "section-words" },
    block.text ? h("div", { class: "text", dir: "auto" }, textNodes(block.text)) : null,
    block.fields
      ? h(
          "div",
          { class: "fields" },
          block.fields.map((field) => h("div", { class: "text", dir: "auto" }, textNodes(field))),
        )
      : null,
  );
  const label = words.textContent.trim().slice(0, 80);
  return h(
    "div",
    { class: "section" },
    words,
    block.accessory
      ? h(
          "div",
          { class: "accessory" },
          elementNode(block.accessory, { surface, block, label: block.accessory.placeholder?.text ?? label }),
        )
      : null,
  );
}

function header(block) {
  const level = Math.min(4, Math.max(1, block.level ?? 1)) + 1;
  return h(`h${level}`, { class: "header-block", dir: "auto" }, textNodes(block.text));
}

function context(block, surface) {
  return h(
    "div",
    { class: "context" },
    block.elements.map((element) =>
      element.type === "image"
        ? elementNode(element, { surface, block })
        : h("span", { class: "text", dir: "auto" }, textNodes(element)),
    ),
  );
}

function actions(block, surface) {
  return h(
    "div",
    { class: "actions" },
    block.elements.map((element) => elementNode(element, { surface, block })),
  );
}

function input(block, surface) {
  const label = uniqueId("label"),
    hint = uniqueId("hint"),
    error = uniqueId("error");
  const place = {
    surface,
    block,
    label: block.label.text,
    labelledby: label,
    describedby: `${block.hint ? `${hint} ` : ""}${error}`,
    required: !block.optional,
  };
  const control = elementNode(block.element, place);
  const node = h(
    "div",
    { class: "input-block" },
    h(
      "div",
      { class: "label", dir: "auto", onclick: () => focusFirst(control) },
      h("span", { id: label }, textNodes(block.label)),
      block.optional
        ? h("span", { class: "optional" }, " (optional)")
        : h("span", { class: "required", "aria-hidden": "true" }, " *"),
    ),
    control,
    h("div", { class: "error", id: error, role: "alert" }),
    block.hint ? h("div", { class: "hint", id: hint, dir: "auto" }, textNodes(block.hint)) : null,
  );
  return node;
}

const focusFirst = (control) =>
  (control.matches("input,textarea") ? control : control.querySelector("input,textarea"))?.focus();

/** Shows errors beside their fields and focuses the first one. */
export function showErrors(root, errors) {
  for (const node of root.querySelectorAll(".input-block")) {
    const words = errors[node.dataset.block] ?? "";
    const place = node.querySelector(".error");
    if (place.textContent !== words) fill(place, words);
    node.classList.toggle("wrong", Boolean(words));
    node
      .querySelectorAll("input,textarea")
      .forEach((control) =>
        words ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid"),
      );
  }
  const first = root.querySelector(".input-block.wrong");
  if (first) focusFirst(first);
}

function image(block) {
  const src = pictureUrl(block);
  return h(
    "figure",
    {},
    block.title ? h("figcaption", {}, textNodes(block.title)) : null,
    link(src, h("img", { src, alt: block.alt_text ?? "", loading: "lazy" })),
  );
}

function table(block, caption = null) {
  const settings = block.column_settings ?? [];
  const rows = block.rows.map((row, at) =>
    h(
      "tr",
      {},
      row.map((cell, column) =>
        h(
          at === 0 ? "th" : "td",
          {
            scope: at === 0 ? "col" : null,
            class: `${settings[column]?.align ?? ""} ${settings[column]?.is_wrapped ? "wrapped" : ""}`,
            dir: "auto",
          },
          cellNodes(cell),
        ),
      ),
    ),
  );
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": caption || "Table" },
    h("table", {}, caption ? h("caption", {}, caption) : null, h("thead", {}, rows[0]), h("tbody", {}, rows.slice(1))),
  );
}

function cellNodes(cell) {
  if (cell.type === "rich_text") return richText(cell);
  return String(cell.text ?? cell.value ?? cell.number ?? "");
}

function video(block) {
  return h(
    "div",
    { class: "video" },
    link(block.title_url || block.video_url, textNodes(block.title)),
    h("div", { class: "text" }, textNodes(block.description)),
  );
}

function alert(block) {
  return h(
    "div",
    { class: `alert-block ${block.level ?? "default"}`, role: "note" },
    typeof block.text === "string" ? mrkdwn(block.text) : textNodes(block.text),
  );
}

function container(block, surface) {
  const children = h("div", { class: "blocks" });
  (block.blocks ?? block.elements ?? []).forEach((child) => append(children, [blockNode(child, surface)]));
  if (!block.is_collapsible)
    return h("div", { class: "container" }, block.title ? h("h4", {}, textNodes(block.title)) : null, children);
  return h(
    "details",
    { class: "container", open: !block.default_collapsed },
    h("summary", {}, textNodes(block.title)),
    children,
  );
}

function card(block, surface) {
  const buttons = block.actions ?? block.buttons ?? [];
  return h(
    "div",
    { class: "container" },
    ["title", "subtitle", "body", "subtext"]
      .filter((part) => block[part])
      .map((part) => h("div", { class: `card-${part}`, dir: "auto" }, textNodes(block[part]))),
    buttons.length
      ? h(
          "div",
          { class: "actions" },
          buttons.map((element) => elementNode(element, { surface, block })),
        )
      : null,
  );
}
