// A select that filters while one types: the accessible combobox behind every select element and the quick switcher.
import { fill, h, iconButton, uniqueId } from "../dom.js";
import { showBeside } from "../popup.js";

/**
 * @typedef {{value: string, label: string, description?: string, raw: any, sign?: () => Node}} Choice
 * @typedef {{label: string|null, choices: Choice[]}} Group
 * @typedef {{label: string, placeholder?: string, many?: boolean, max?: number, chosen: Choice[], minQuery?: number, describedby?: string,
 *   find: (text: string) => Group[]|Promise<Group[]>, changed: (chosen: Choice[]) => void, focusKey?: string, required?: boolean}} Options
 */
export class Combobox {
  /** @param {Options} options */
  constructor(options) {
    Object.assign(this, { many: false, minQuery: 0, ...options });
    this.listId = uniqueId("list");
    this.shown = [];
    this.active = -1;
    this.searches = 0;
    this.input = h("input", {
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": this.label,
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      "aria-describedby": this.describedby,
      "aria-required": this.required ? "true" : null,
      "data-focus": this.focusKey,
      dir: "auto",
      oninput: () => this.search(),
      onkeydown: (event) => this.key(event),
      onblur: () => this.leave(),
      onclick: () => this.toggle(),
    });
    this.chips = h("span", { class: "chips" });
    this.node = h(
      "div",
      {
        class: this.many ? "combobox many" : "combobox",
        onclick: (event) => {
          if (event.target === this.node) this.input.focus();
        },
      },
      this.chips,
      this.input,
      h("span", { class: "combobox-arrow", "aria-hidden": "true" }),
    );
    this.show();
  }

  show() {
    const [one] = this.chosen;
    if (!this.many) this.input.value = one?.label ?? "";
    else this.input.value = "";
    this.input.placeholder = this.many && this.chosen.length ? "" : (this.placeholder ?? "");
    fill(this.chips, this.many ? this.chosen.map((choice) => this.chip(choice)) : null);
  }

  chip(choice) {
    return h(
      "span",
      { class: "chip" },
      h("span", { dir: "auto" }, choice.label),
      iconButton("close", `Remove ${choice.label}`, { onclick: () => this.remove(choice) }),
    );
  }

  remove(choice) {
    this.set(this.chosen.filter((one) => one.value !== choice.value));
    this.input.focus();
  }

  set(chosen) {
    this.chosen = chosen;
    this.show();
    this.changed(chosen);
  }

  toggle() {
    if (this.box) return;
    if (!this.many) this.input.select();
    this.search(true);
  }

  /** Lists the matches of the typed text; opened without typing, it lists everything. */
  async search(everything = false) {
    const text = everything && !this.many ? "" : this.input.value.trim();
    const search = ++this.searches;
    if (text.length < this.minQuery) {
      const more = this.minQuery - text.length;
      return this.list([], `Type ${more} more character${more === 1 ? "" : "s"} to search`);
    }
    const result = this.find(text);
    if (result instanceof Promise) this.list([], "Searching…");
    const groups = await result;
    if (search === this.searches && document.activeElement === this.input) this.list(groups, "No results");
  }

  list(groups, nothing) {
    this.open();
    const left = this.many ? (choice) => !this.chosen.some((one) => one.value === choice.value) : () => true;
    this.shown = [];
    const rows = groups.map((group) => this.group({ ...group, choices: group.choices.filter(left) }));
    fill(this.box, this.shown.length ? rows : h("div", { class: "list-empty", role: "status" }, nothing));
    showBeside(this.box, this.node, { width: "anchor" });
    const current = this.shown.findIndex((choice) => choice.value === this.chosen[0]?.value);
    this.move(this.many || current < 0 ? 0 : current);
  }

  group({ label, choices }) {
    const rows = choices.map((choice) => this.row(choice));
    return label
      ? h(
          "div",
          { role: "group", "aria-label": label },
          h("div", { class: "menu-heading", role: "presentation" }, label),
          rows,
        )
      : rows;
  }

  row(choice) {
    const at = this.shown.push(choice) - 1;
    const chosen = this.chosen.some((one) => one.value === choice.value);
    return h(
      "div",
      {
        role: "option",
        id: `${this.listId}-${at}`,
        class: "option",
        "aria-selected": String(chosen),
        onpointerdown: (event) => event.preventDefault(),
        onclick: () => this.pick(choice),
        onpointermove: () => this.move(at, false),
      },
      choice.sign?.(),
      h(
        "span",
        { class: "menu-words" },
        h("span", { class: "menu-label", dir: "auto" }, choice.label),
        choice.description ? h("span", { class: "menu-description", dir: "auto" }, choice.description) : null,
      ),
    );
  }

  open() {
    if (this.box) return;
    this.box = h("div", {
      class: "list",
      role: "listbox",
      id: this.listId,
      "aria-label": this.label,
      "aria-multiselectable": this.many ? "true" : null,
    });
    this.input.setAttribute("aria-expanded", "true");
    this.input.setAttribute("aria-controls", this.listId);
  }

  hide() {
    this.searches++;
    this.box?.remove();
    this.box = null;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-controls");
    this.input.removeAttribute("aria-activedescendant");
  }

  move(to, scroll = true) {
    this.active = this.shown.length ? (to + this.shown.length) % this.shown.length : -1;
    this.box
      ?.querySelectorAll("[role=option]")
      .forEach((row, at) => row.classList.toggle("active", at === this.active));
    if (this.active < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", `${this.listId}-${this.active}`);
    if (scroll) this.box?.querySelector(".active")?.scrollIntoView({ block: "nearest" });
  }

  pick(choice) {
    this.hide();
    if (!this.many) return this.set([choice]);
    if (!this.max || this.chosen.length < this.max) this.set([...this.chosen, choice]);
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.box) this.search(true);
      else this.move(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") this.enter(event);
    else if (event.key === "Escape" && this.box) this.cancel(event);
    else if (event.key === "Backspace" && this.many && !this.input.value && this.chosen.length)
      this.remove(this.chosen.at(-1));
  }

  enter(event) {
    if (!this.box) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.shown[this.active]) this.pick(this.shown[this.active]);
  }

  /** Escape closes the list, not the form around it. */
  cancel(event) {
    event.preventDefault();
    event.stopPropagation();
    this.hide();
    this.show();
  }

  /** An emptied field clears the choice; half-typed text is dropped. */
  leave() {
    this.hide();
    if (!this.many && !this.input.value.trim() && this.chosen.length) this.set([]);
    else this.show();
  }
}

/** Groups whose choices contain every typed word, best first. */
export function matching(groups, text) {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (choice) =>
    parts.every((part) =>
      `${choice.label} ${choice.description ?? ""} ${choice.also ?? ""}`.toLowerCase().includes(part),
    );
  return groups
    .map((group) => ({ ...group, choices: group.choices.filter(fits) }))
    .filter((group) => group.choices.length);
}
