// Menus and lists that float above everything: placed beside their button, closed by Escape or a press elsewhere.
import { h, uniqueId } from "./dom.js";

/** Shows a floating box beside `anchor`; inside a dialog it stays part of that dialog. */
export function showBeside(box, anchor, { align = "start", width = null } = {}) {
  box.setAttribute("popover", "manual");
  box.classList.add("floating");
  (anchor.closest("dialog") ?? document.body).append(box);
  box.showPopover();
  if (width === "anchor") box.style.minWidth = `${anchor.getBoundingClientRect().width}px`;
  positionBox(box, anchor.getBoundingClientRect(), align);
}

function positionBox(box, at, align) {
  const room = { width: document.documentElement.clientWidth, height: window.innerHeight };
  const below = room.height - at.bottom - 12,
    above = at.top - 12;
  const up = box.scrollHeight > below && above > below;
  box.style.maxHeight = `${Math.max(120, Math.min(560, up ? above : below))}px`;
  const left = align === "end" ? at.right - box.offsetWidth : at.left;
  box.style.left = `${Math.max(8, Math.min(left, room.width - box.offsetWidth - 8))}px`;
  box.style.top = `${up ? Math.max(8, at.top - box.offsetHeight - 4) : at.bottom + 4}px`;
}

let closeOpenBox = () => {};
export const closeMenu = () => closeOpenBox();

/** Keeps a floating box open until Escape, Tab, or a press outside; `onClose` runs once. */
export function dismissable(box, anchor, onClose) {
  closeOpenBox();
  const outside = (event) => {
    if (!box.contains(event.target) && !anchor.contains(event.target)) end();
  };
  const key = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    end();
    anchor.focus();
  };
  const end = () => {
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", key, true);
    box.remove();
    closeOpenBox = () => {};
    onClose?.();
  };
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", key, true);
  closeOpenBox = end;
  return end;
}

/**
 * A menu beside its button; arrows move, letters jump, Enter chooses.
 * @param {HTMLElement} anchor
 * @param {{label: string, items: Array<{label: string, description?: string, icon?: Node, checked?: boolean, danger?: boolean,
 *   heading?: string, choose?: () => void}>, align?: string, className?: string}} menu
 */
export function openMenu(anchor, { label, items, align = "start", className = "" }) {
  if (anchor.getAttribute("aria-expanded") === "true") return closeOpenBox();
  let end = () => {};
  const pick = (item) => {
    end();
    anchor.focus();
    item.choose();
  };
  const box = h(
    "div",
    { class: `menu ${className}`, role: "menu", "aria-label": label, onkeydown: (event) => moveFocus(event, box, end) },
    items.map((item) => (item.heading !== undefined ? menuHeading(item) : menuRow(item, pick))),
  );
  showBeside(box, anchor, { align });
  anchor.setAttribute("aria-expanded", "true");
  end = dismissable(box, anchor, () => anchor.setAttribute("aria-expanded", "false"));
  (box.querySelector("[aria-checked=true]") ?? box.querySelector("[role^=menuitem]"))?.focus();
}

const menuHeading = (item) => h("div", { class: "menu-heading", role: "presentation" }, item.heading);

function menuRow(item, pick) {
  const role = item.checked === undefined ? "menuitem" : item.radio ? "menuitemradio" : "menuitemcheckbox";
  return h(
    "button",
    {
      type: "button",
      role,
      tabindex: "-1",
      class: item.danger ? "menu-item danger" : "menu-item",
      "aria-checked": item.checked === undefined ? null : String(item.checked),
      onclick: () => pick(item),
    },
    item.icon,
    h(
      "span",
      { class: "menu-words" },
      h("span", { class: "menu-label", dir: "auto" }, item.label),
      item.description ? h("span", { class: "menu-description", dir: "auto" }, item.description) : null,
    ),
  );
}

function moveFocus(event, box, end) {
  const rows = [...box.querySelectorAll("[role^=menuitem]")];
  const at = rows.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (event.key === "Tab") return end();
  if (to !== undefined) {
    event.preventDefault();
    rows[(to + rows.length) % rows.length]?.focus();
  } else if (event.key.length === 1 && event.key !== " ") {
    const starts = (one) => one.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase());
    (rows.slice(at + 1).find(starts) ?? rows.find(starts))?.focus();
  }
}

/** A button that opens a menu. */
export function menuButton(button, menu) {
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => openMenu(button, typeof menu === "function" ? menu() : menu));
  return button;
}

/** A question with two answers, Slack's confirm object. @returns {Promise<boolean>} */
export function confirmDialog({ title, text, confirm, deny, style }) {
  return new Promise((resolve) => {
    const heading = uniqueId("confirm"),
      words = uniqueId("confirm-text");
    const dialog = h(
      "dialog",
      { class: "dialog confirm", role: "alertdialog", "aria-labelledby": heading, "aria-describedby": words },
      h("h2", { id: heading, dir: "auto" }, title),
      h("p", { id: words, dir: "auto" }, text),
      h(
        "div",
        { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close("no") }, deny || "Cancel"),
        h(
          "button",
          {
            type: "button",
            class: `button ${style === "danger" ? "danger" : "primary"}`,
            onclick: () => dialog.close("yes"),
          },
          confirm || "Yes",
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
