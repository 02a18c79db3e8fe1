// The traffic inspector: every request between the app and this workspace, both ways.
import { get, post } from "./api.js";
import { $, fill, h, iconButton } from "./dom.js";
import { on, state } from "./state.js";
import { clockSeconds } from "./time.js";

const KEPT = 500;
let entries = [],
  chosen = null,
  rows,
  detail,
  filter,
  limits,
  button;

export function startTraffic() {
  button = $("#traffic-button");
  button.addEventListener("click", () => toggle($("#traffic").hidden));
  on("traffic", (entry) => {
    if (!$("#traffic").hidden) add([entry]);
  });
  on("settings", () => {
    if (limits) limits.checked = Boolean(state.settings.rate_limits);
  });
  build();
}

function build() {
  rows = h("div", { class: "traffic-rows", role: "listbox", "aria-label": "Requests", tabindex: "0", onkeydown: walk });
  detail = h(
    "div",
    { class: "traffic-detail", tabindex: "0", role: "region", "aria-label": "Request" },
    h("p", { class: "empty" }, "Choose a request to read it."),
  );
  filter = h("input", {
    type: "search",
    class: "field",
    "aria-label": "Filter requests",
    placeholder: "Filter: name, kind, status, words inside",
    oninput: draw,
  });
  limits = h("input", {
    type: "checkbox",
    role: "switch",
    onchange: () => post("/ui/settings", { rate_limits: limits.checked }),
  });
  fill(
    $("#traffic"),
    h(
      "header",
      { class: "pane-head" },
      h("h2", {}, "Traffic"),
      filter,
      h("label", { class: "switch" }, limits, h("span", {}, "Slack's rate limits")),
      h(
        "button",
        {
          type: "button",
          class: "button",
          onclick: () => {
            entries = [];
            chosen = null;
            draw();
          },
        },
        "Clear",
      ),
      iconButton("close", "Close traffic", {
        onclick: () => {
          toggle(false);
          button.focus();
        },
      }),
    ),
    h("div", { class: "traffic-body" }, rows, detail),
  );
}

async function toggle(open) {
  $("#traffic").hidden = !open;
  button.setAttribute("aria-pressed", String(open));
  if (!open) return;
  const answer = await get("/ui/traffic", { after: entries.at(-1)?.n ?? 0 });
  add(answer.entries ?? []);
  filter.focus();
}

/** Entries come twice when the stream and the first reading overlap, and again when an answer is added: the number decides. */
function add(fresh) {
  const byNumber = new Map(entries.map((entry) => [entry.n, entry]));
  for (const entry of fresh) byNumber.set(entry.n, entry);
  entries = [...byNumber.values()].sort((a, b) => a.n - b.n).slice(-KEPT);
  draw();
}

const ARROWS = { in: ["←", "from the app"], out: ["→", "to the app"] };
const failed = (entry) => Boolean(entry.error) || Number(entry.status) >= 400;

function draw() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = entries.filter((entry) => {
    const all = JSON.stringify(entry).toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const atEnd = rows.scrollHeight - rows.scrollTop - rows.clientHeight < 40;
  fill(
    rows,
    shown.length
      ? shown.map(row)
      : h(
          "p",
          { class: "empty" },
          entries.length ? "Nothing fits the filter." : "No requests yet. Do something, and they show here.",
        ),
  );
  if (atEnd) rows.scrollTop = rows.scrollHeight;
  const kept = shown.find((entry) => entry.n === chosen);
  if (kept) rows.setAttribute("aria-activedescendant", `traffic-${kept.n}`);
  else rows.removeAttribute("aria-activedescendant");
}

const moment = (at) => (typeof at === "number" ? (at < 1e12 ? at * 1000 : at) : Date.parse(at));

function row(entry) {
  const [arrow, words] = ARROWS[entry.direction] ?? ["·", ""];
  return h(
    "div",
    {
      role: "option",
      id: `traffic-${entry.n}`,
      class: `traffic-row ${failed(entry) ? "failed" : ""}`,
      "aria-selected": String(entry.n === chosen),
      onclick: () => choose(entry),
    },
    h("time", {}, clockSeconds(moment(entry.at))),
    h("span", { class: `arrow ${entry.direction}`, role: "img", "aria-label": words, title: words }, arrow),
    h("span", { class: "kind" }, entry.kind),
    h("span", { class: "name" }, entry.name ?? ""),
    h("span", { class: "state" }, entry.error || String(entry.status ?? "")),
    h("span", { class: "ms" }, entry.ms === null || entry.ms === undefined ? "" : `${Math.round(entry.ms)} ms`),
  );
}

function choose(entry) {
  chosen = entry.n;
  rows
    .querySelectorAll("[role=option]")
    .forEach((node) => node.setAttribute("aria-selected", String(node.id === `traffic-${entry.n}`)));
  rows.setAttribute("aria-activedescendant", `traffic-${entry.n}`);
  fill(
    detail,
    h("h3", {}, `${ARROWS[entry.direction]?.[1] ?? ""}: ${entry.kind} ${entry.name ?? ""}`),
    part("Body", entry.body),
    part("Answer", entry.answer),
  );
}

const part = (name, value) => h("section", {}, h("h4", {}, name), h("pre", {}, h("code", {}, pretty(value))));

/** JSON inside a string (a payload, blocks) is opened too. */
function pretty(value) {
  if (value === null || value === undefined || value === "") return "(empty)";
  return typeof opened(value) === "string" ? opened(value) : JSON.stringify(opened(value), null, 2);
}

function opened(value) {
  if (typeof value === "string" && /^\s*[[{]/.test(value))
    try {
      return opened(JSON.parse(value));
    } catch {
      return value;
    }
  if (Array.isArray(value)) return value.map(opened);
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
  return value;
}

function walk(event) {
  const all = [...rows.querySelectorAll("[role=option]")];
  const at = all.findIndex((node) => node.getAttribute("aria-selected") === "true");
  const to = {
    ArrowDown: Math.min(at + 1, all.length - 1),
    ArrowUp: Math.max(at - 1, 0),
    Home: 0,
    End: all.length - 1,
  }[event.key];
  if (to === undefined || !all[to]) return;
  event.preventDefault();
  all[to].click();
  all[to].scrollIntoView({ block: "nearest" });
}
