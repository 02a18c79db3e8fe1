// Completions in the composer: commands after "/", people after "@", channels after "#".
import { avatar } from "../avatar.js";
import { fill, h, icon, uniqueId } from "../dom.js";
import { showBeside } from "../popup.js";
import { state, topicOf } from "../state.js";

export class Completion {
  /** @param {HTMLTextAreaElement} input @param {() => boolean} inThread */
  constructor(input, inThread) {
    this.input = input;
    this.inThread = inThread;
    this.id = uniqueId("completion");
    this.rows = [];
    input.setAttribute("aria-autocomplete", "list");
    input.addEventListener("blur", () => this.hide());
  }

  get open() {
    return Boolean(this.box);
  }

  /** Offers completions for the word before the caret. */
  look() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    const offer = commandsFor(before, this.inThread()) ?? mentionsFor(before) ?? channelsFor(before);
    if (!offer?.rows.length) return this.hide();
    this.rows = offer.rows.slice(0, 12);
    this.from = offer.from;
    this.active = 0;
    this.show(offer.label);
  }

  show(label) {
    this.box ??= h("div", { class: "list completion", role: "listbox", id: this.id });
    this.box.setAttribute("aria-label", label);
    fill(
      this.box,
      h("div", { class: "menu-heading", role: "presentation" }, label),
      this.rows.map((row, at) => this.option(row, at)),
    );
    showBeside(this.box, this.input.closest(".composer"));
    this.input.setAttribute("aria-controls", this.id);
    this.mark();
  }

  option(row, at) {
    return h(
      "div",
      {
        role: "option",
        id: `${this.id}-${at}`,
        class: "option",
        "aria-selected": "false",
        onpointerdown: (event) => {
          event.preventDefault();
          this.take(at);
        },
      },
      row.sign,
      h(
        "span",
        { class: "menu-words" },
        h(
          "span",
          { class: "menu-label", dir: "auto" },
          row.label,
          row.hint ? h("span", { class: "usage" }, ` ${row.hint}`) : null,
        ),
        row.description ? h("span", { class: "menu-description", dir: "auto" }, row.description) : null,
      ),
    );
  }

  mark() {
    this.box.querySelectorAll("[role=option]").forEach((node, at) => {
      node.classList.toggle("active", at === this.active);
      node.setAttribute("aria-selected", String(at === this.active));
      if (at === this.active) node.scrollIntoView({ block: "nearest" });
    });
    this.input.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
  }

  hide() {
    this.box?.remove();
    this.box = null;
    this.input.removeAttribute("aria-controls");
    this.input.removeAttribute("aria-activedescendant");
  }

  /** @returns {boolean} whether the key was for the list */
  key(event) {
    if (!this.open) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.active = (this.active + (event.key === "ArrowDown" ? 1 : -1) + this.rows.length) % this.rows.length;
      this.mark();
    } else if (event.key === "Escape") this.hide();
    else if (event.key === "Tab" || (event.key === "Enter" && !this.complete())) this.take(this.active);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** A command typed to its end is run by Enter, not completed again. */
  complete() {
    return this.rows[this.active].insert.trim() === this.input.value.slice(this.from, this.input.selectionStart);
  }

  take(at) {
    const { value, selectionStart } = this.input;
    const text = value.slice(0, this.from) + this.rows[at].insert;
    this.hide();
    this.input.value = text + value.slice(selectionStart).replace(/^ /, "");
    this.input.setSelectionRange(text.length, text.length);
    this.input.dispatchEvent(new Event("input"));
  }
}

function commandsFor(before, inThread) {
  const match = /^(\/[\w-]*)$/.exec(before);
  if (!match) return null;
  const rows = state.commands
    .filter((one) => one.command.startsWith(match[1].toLowerCase()))
    .map((one) => ({
      label: one.command,
      hint: one.usage_hint,
      description: one.description,
      insert: `${one.command} `,
      sign: icon("bolt"),
    }));
  return { label: inThread ? "Commands do not work in threads" : "Commands", from: 0, rows };
}

function mentionsFor(before) {
  const match = /(?:^|[\s(])@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]*)?)$/u.exec(before);
  if (!match) return null;
  const text = match[1].toLowerCase();
  const fits = (user) =>
    !user.deleted &&
    [user.real_name, user.name, ...(user.real_name ?? "").split(" ")].some((name) =>
      name?.toLowerCase().startsWith(text),
    );
  const rows = [...state.people.values()].filter(fits).map((user) => ({
    label: user.real_name || user.name,
    description: user.is_bot ? "App" : user.title,
    insert: `@${user.real_name || user.name} `,
    sign: avatar(user, "small"),
  }));
  const all = [
    ["channel", "Notify everyone in this channel"],
    ["here", "Notify everyone who is active here"],
  ]
    .filter(([name]) => text && name.startsWith(text))
    .map(([name, description]) => ({ label: `@${name}`, description, insert: `@${name} `, sign: icon("bolt") }));
  return { label: "People", from: before.length - match[1].length - 1, rows: [...rows, ...all] };
}

function channelsFor(before) {
  const match = /(?:^|[\s(])#([\p{L}\p{N}_-]*)$/u.exec(before);
  if (!match) return null;
  const rows = [...state.channels.values()]
    .filter((one) => !one.is_im && one.name.includes(match[1].toLowerCase()))
    .map((one) => ({ label: `#${one.name}`, description: topicOf(one), insert: `#${one.name} ` }));
  return { label: "Channels", from: before.length - match[1].length - 1, rows };
}
