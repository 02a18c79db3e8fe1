// Where people write: messages, commands, files, shortcuts; drafts stay with their conversation.
import { post, upload } from "../api.js";
import { Completion } from "./completion.js";
import { refuseInThread, runCommand, runShortcut, reasonFor } from "../commands.js";
import { fill, h, icon, iconButton } from "../dom.js";
import { encodeMentions } from "../text/mentions.js";
import { menuButton } from "../popup.js";
import { draftOf, storeDraft, state } from "../state.js";
import { showLocalMessage } from "../store.js";

export class Composer {
  /** @param {string} testid @param {() => void} editLast */
  constructor(testid, editLast) {
    this.editLast = editLast;
    this.files = [];
    this.input = h("textarea", {
      rows: 1,
      "data-testid": testid,
      dir: "auto",
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onpaste: (event) => this.paste(event),
    });
    this.completion = new Completion(this.input, () => Boolean(this.thread));
    this.chips = h("ul", { class: "file-list", "aria-label": "Files to send" });
    this.picker = h("input", {
      type: "file",
      multiple: true,
      hidden: true,
      onchange: () => this.attach([...this.picker.files]),
    });
    this.button = iconButton("send", "Send", { class: "icon-button send", onclick: () => this.send() });
    this.note = h("div", { class: "composer-note", hidden: true });
    this.node = h(
      "form",
      { class: "composer-area", onsubmit: (event) => event.preventDefault() },
      this.note,
      h(
        "div",
        { class: "composer" },
        this.input,
        this.chips,
        h(
          "div",
          { class: "composer-bar" },
          this.picker,
          iconButton("attach", "Attach files", { onclick: () => this.picker.click() }),
          this.shortcuts(),
          h(
            "span",
            { class: "composer-hint", "aria-hidden": "true" },
            h("kbd", {}, "Enter"),
            " sends · ",
            h("kbd", {}, "Shift Enter"),
            " new line · ",
            h("kbd", {}, "/"),
            " commands",
          ),
          this.button,
        ),
      ),
    );
  }

  shortcuts() {
    const button = iconButton("bolt", "Shortcuts");
    return menuButton(button, () => ({ label: "Shortcuts", items: this.shortcutItems() }));
  }

  shortcutItems() {
    const shortcuts = state.shortcuts.filter((one) => one.type === "global");
    const rows = shortcuts.map((one) => ({
      label: one.name,
      description: one.description,
      icon: icon("bolt"),
      choose: () => runShortcut(one),
    }));
    return [{ heading: shortcuts.length ? `Shortcuts of ${state.app.name}` : "This app has no shortcuts" }, ...rows];
  }

  /** Shows a conversation's name and draft; `closed` says why nobody may write there. */
  open({ channel, thread = null, name, closed = null }) {
    this.channel = channel;
    this.thread = thread;
    this.draft = `${state.as}:${channel}:${thread ?? ""}`;
    this.input.value = draftOf(this.draft);
    const words = thread ? "Reply…" : `Message ${name}`;
    this.input.placeholder = words;
    this.input.setAttribute("aria-label", thread ? "Reply in thread" : words);
    this.node.classList.toggle("closed", Boolean(closed));
    this.note.hidden = !closed;
    fill(this.note, closed);
    this.attach([], true);
    this.grow();
  }

  focus = () => this.input.focus({ preventScroll: true });

  typed() {
    storeDraft(this.draft, this.input.value);
    this.grow();
    this.completion.look();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, window.innerHeight * 0.4)}px`;
    this.button.setAttribute("aria-disabled", String(!this.input.value.trim() && !this.files.length));
  }

  key(event) {
    if (event.isComposing || this.completion.key(event)) return;
    if (event.key === "ArrowUp" && !this.input.value) this.editLast();
    else if (event.key === "Enter" && !event.shiftKey) this.send();
    else return;
    event.preventDefault();
  }

  paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.attach(files);
  }

  attach(files, anew = false) {
    this.files = anew ? files : [...this.files, ...files];
    this.picker.value = "";
    fill(
      this.chips,
      this.files.map((file) =>
        h(
          "li",
          { class: "chip" },
          icon("file"),
          file.name,
          iconButton("close", `Remove ${file.name}`, {
            onclick: () =>
              this.attach(
                this.files.filter((one) => one !== file),
                true,
              ),
          }),
        ),
      ),
    );
    this.grow();
  }

  clear() {
    this.input.value = "";
    storeDraft(this.draft, "");
    this.attach([], true);
  }

  /** Sends what is typed. A failure gives the text back, unless something new was typed meanwhile. */
  async send() {
    const typed = this.input.value;
    const { channel, thread, files, draft } = this;
    if (!typed.trim() && !files.length) return;
    const command = /^\/[\w-]+/.exec(typed)?.[0];
    if (command && thread) return refuseInThread(channel, thread, command);
    this.completion.hide();
    this.clear();
    const ok = command ? await this.command(channel, command, typed) : await this.say(channel, thread, typed, files);
    if (!ok) this.giveBack(typed, draft);
  }

  command = (channel, command, typed) =>
    runCommand(channel, command, encodeMentions(typed.slice(command.length).trim()));

  async say(channel, thread, typed, files) {
    const text = encodeMentions(typed.trim());
    const answer = files.length
      ? await this.sendFiles(channel, thread, text, files)
      : await post("/ui/send", { as: state.as, channel, text, ...(thread && { thread_ts: thread }) });
    if (!answer.ok) showLocalMessage(channel, `Your message was not sent. ${reasonFor(answer.error)}`, thread);
    return answer.ok;
  }

  async sendFiles(channel, thread, text, files) {
    let answer = { ok: true };
    for (const [at, file] of files.entries()) {
      answer = await upload({ as: state.as, channel, thread_ts: thread, text: at === 0 ? text : null, file });
      if (!answer.ok) break;
    }
    return answer;
  }

  giveBack(typed, key) {
    if (draftOf(key)) return;
    storeDraft(key, typed);
    if (this.draft !== key) return;
    this.input.value = typed;
    this.grow();
  }
}
