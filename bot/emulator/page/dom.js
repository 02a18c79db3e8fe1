// Builds DOM nodes from plain calls; text never becomes markup.

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; `on…` functions are listeners, false and null are left out
 * @param {...any} children nodes, strings, arrays; null and false are left out
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  append(node, children);
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "style") for (const [key, to] of Object.entries(value)) node.style.setProperty(key, to);
  else if (name === "value" || name === "checked") node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** Appends whatever `h` accepts as children. */
export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

export const $ = (selector, root = document) => root.querySelector(selector);

/** Replaces what a node holds. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/** Makes these the children; nodes already in their place are not touched. */
export function placeChildren(root, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...root.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (root.children[at] !== node) root.insertBefore(node, root.children[at] ?? null);
  });
}

let lastId = 0;
export const uniqueId = (stem) => `${stem}-${++lastId}`;

/** Only addresses a chat may open: no javascript:, no data:. */
export function safeUrl(url) {
  try {
    return ["http:", "https:", "mailto:", "tel:"].includes(new URL(url, location.href).protocol) ? url : null;
  } catch {
    return null;
  }
}

/** A link in a new tab, without opener; plain text when its address is not safe. */
export function link(url, ...children) {
  const href = safeUrl(url);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** Runs `change`, then puts the focus back on the control with the same data-focus key, else on `fallback`. */
export function keepFocus(root, change, fallback = null) {
  const active = document.activeElement;
  const inside = active && root.contains(active) ? active : null;
  const key = inside?.closest("[data-focus]")?.dataset.focus;
  const caret = inside && "selectionStart" in inside ? [inside.selectionStart, inside.selectionEnd] : null;
  change();
  if (!inside || document.contains(inside)) return;
  const again = key ? root.querySelector(`[data-focus="${CSS.escape(key)}"]`) : null;
  const target = again?.matches("input,textarea,button,select,[tabindex],a")
    ? again
    : again?.querySelector("input,textarea,button,select,[tabindex]");
  (target ?? fallback)?.focus();
  if (target && caret?.[0] !== null && caret)
    try {
      target.setSelectionRange(...caret);
    } catch {
      /* not a text field */
    }
}

const ICONS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  search: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14M16 16l5 5",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7l7 7",
  down: "M6 9l6 6l6-6",
  send: "M4 5l17 7l-17 7l3-7zM7 12h7",
  plus: "M12 5v14M5 12h14",
  attach:
    "M20 11l-8 8a5 5 0 0 1-7-7l8.500-8.500a3.300 3.300 0 0 1 4.700 4.700l-8.500 8.500a1.700 1.700 0 0 1-2.400-2.400l7.700-7.700",
  bolt: "M13 3L5 14h6l-1 7l8-11h-6z",
  react: "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18M8.500 14.500a4.200 4.200 0 0 0 7 0M9 9.500v.5M15 9.500v.5",
  thread: "M4 5h16v11h-9l-4 4v-4H4zM8 9h8M8 12h5",
  more: "M12 5v.1M12 12v.1M12 19v.1",
  dots: "M5 12v.1M12 12v.1M19 12v.1",
  pencil: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  eye: "M2.500 12s3.500-6 9.500-6s9.500 6 9.500 6s-3.500 6-9.500 6s-9.500-6-9.500-6M12 9.500a2.500 2.500 0 1 1 0 5a2.500 2.500 0 0 1 0-5",
  traffic: "M7 20V5M3.500 8.500L7 5l3.500 3.500M17 4v15M13.500 15.500L17 19l3.500-3.500",
  check: "M5 12.500l4.500 4.500L19 7.500",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  warn: "M12 4l9 16H3zM12 10v5M12 17.500v.1",
  home: "M4 11l8-7l8 7v9h-5v-6H9v6H4z",
};

/** A drawn sign; decoration only, so screen readers pass over it. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon and an accessible name. */
export const iconButton = (name, label, props = {}) =>
  h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, ...props }, icon(name));
