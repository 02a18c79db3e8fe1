// A list of messages: days, groups, the "New" line, scrolling, and arrow keys from one to the next.
import { h, keepFocus, placeChildren } from "../dom.js";
import { isOwnMessage } from "./editing.js";
import { drawMessage, setEditing, attachToolbar } from "./message.js";
import { messageKey } from "../state.js";
import { dayKey, dayLine, milliseconds } from "../text/time.js";

const GROUP_SECONDS = 5 * 60;

export class MessageList {
  /** @param {"channel"|"thread"} pane */
  constructor(pane, label) {
    this.pane = pane;
    this.nodes = new Map();
    this.list = h("div", {
      class: "messages",
      role: "list",
      "aria-label": label,
      onkeydown: (event) => this.key(event),
    });
    this.scroller = h("div", { class: "scroller", onscroll: () => this.scrolled() }, this.list);
    this.jump = h(
      "button",
      { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd(true) },
      "↓ Jump to newest",
    );
    this.node = h("div", { class: "message-pane" }, this.scroller, this.jump);
    new ResizeObserver(() => {
      if (this.stuck) this.toEnd();
    }).observe(this.list);
    new ResizeObserver(() => {
      if (this.stuck) this.toEnd();
    }).observe(this.scroller);
    this.stuck = true;
  }

  /** @param {any[]} messages oldest first */
  show(messages, { channel, fresh = false, newFrom = null, isOwn = false, intro = null }) {
    if (fresh || channel !== this.channel) this.reset(channel);
    const rows = intro ? [intro] : [];
    let last = null;
    for (const message of messages) {
      rows.push(...this.between(last, message, newFrom));
      rows.push(this.row(message, this.compact(last, message, newFrom)));
      last = message;
    }
    keepFocus(this.list, () => placeChildren(this.list, rows), this.node);
    this.forget(messages);
    this.rove();
    if (fresh && newFrom) this.toNew();
    else if (this.stuck || isOwn) this.toEnd();
    else this.jump.hidden = false;
  }

  reset(channel) {
    this.channel = channel;
    this.nodes = new Map();
    this.list.replaceChildren();
    this.stuck = true;
    this.jump.hidden = true;
  }

  between(last, message, newFrom) {
    const lines = [];
    const day = dayKey(milliseconds(message.ts));
    const newDay = !last || dayKey(milliseconds(last.ts)) !== day;
    if (newDay && this.pane === "channel") lines.push(this.line(`day ${day}`, "day", dayLine(milliseconds(message.ts))));
    if (newFrom && message.ts === newFrom) lines.push(this.line("new", "new", "New"));
    if (this.pane === "thread" && last && !last.thread_line && last === this.root(last))
      lines.push(this.line("replies", "replies", "Replies"));
    return lines;
  }

  root = (message) => (message.thread_ts && message.thread_ts !== message.ts ? null : message);

  line(key, kind, words) {
    const kept = this.nodes.get(key);
    if (kept?.words === words) return kept.node;
    const node = h("div", { class: `line ${kind}`, role: "listitem" }, h("span", {}, words));
    this.nodes.set(key, { node, words });
    return node;
  }

  compact(last, message, newFrom) {
    if (!last || newFrom === message.ts || (this.pane === "thread" && this.root(last))) return false;
    const same =
      last.user === message.user &&
      last.bot_id === message.bot_id &&
      last.username === message.username &&
      Boolean(last.is_ephemeral) === Boolean(message.is_ephemeral);
    const sameDay = dayKey(milliseconds(last.ts)) === dayKey(milliseconds(message.ts));
    const close = sameDay && Number(message.ts) - Number(last.ts) < GROUP_SECONDS;
    return same && close && !last.reply_count && !message.is_ephemeral;
  }

  row(message, compact) {
    const where = { channel: this.channel, pane: this.pane, compact };
    const kept = this.nodes.get(messageKey(message));
    if (kept?.message === message && kept.compact === compact) return kept.node;
    const json = JSON.stringify([message, compact]);
    if (kept?.json === json) return kept.node;
    const article = kept?.article ?? h("article", { "data-testid": "message", tabindex: "-1" });
    const node = kept?.node ?? h("div", { role: "listitem" }, article);
    if (!kept) attachToolbar(article, message, where);
    article.message = message;
    article.where = where;
    keepFocus(article, () => drawMessage(article, message, where), article);
    this.nodes.set(messageKey(message), { message, compact, json, node, article });
    return node;
  }

  forget(messages) {
    const keys = new Set(messages.map(messageKey));
    for (const [key, kept] of this.nodes) if (kept.article && !keys.has(key)) this.nodes.delete(key);
  }

  /** One tab stop for the whole list: the message last visited, else the newest. */
  rove(to = null) {
    const articles = this.articles();
    const at =
      to ?? articles.find((one) => one.tabIndex === 0 && one.contains(document.activeElement)) ?? articles.at(-1);
    for (const article of articles) article.tabIndex = article === at ? 0 : -1;
  }

  /** Arrow up in an empty composer edits one's last message. */
  editLast() {
    const last = this.articles()
      .filter((article) => isOwnMessage(article.message))
      .at(-1);
    if (last) setEditing(last, last.where, true);
  }

  articles = () => [...this.list.querySelectorAll("article")];

  key(event) {
    if (!event.target.matches?.("article")) return;
    const all = this.articles();
    const at = all.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || !all[to]) return;
    event.preventDefault();
    this.rove(all[to]);
    all[to].focus();
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < 48;
    this.jump.hidden = this.stuck;
  }

  toEnd(byHand = false) {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.stuck = true;
    this.jump.hidden = true;
    if (byHand) this.articles().at(-1)?.focus({ preventScroll: true });
  }

  toNew() {
    this.toEnd();
    const line = this.list.querySelector(".line.new");
    if (line && line.offsetTop < this.scroller.scrollTop) line.scrollIntoView({ block: "center" });
    this.scrolled();
  }
}
