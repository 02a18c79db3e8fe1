// The traffic inspector: every request between the app and this workspace, both ways.
import { get, post } from "../api.js";
import { $, fill, h, iconButton } from "../dom.js";
import { on, state } from "../state.js";
import { clockSeconds } from "../text/time.js";

const MAX_ENTRIES = 500;
let entries = [],
  chosen = null,
  rows,
  detail,
  filter,
  limits,
  button;

export function startTraffic() {
  button = $("#traffic-button");
  button.addEventListener("click", () => togglePane($("#traffic").hidden));
  on("traffic", (entry) => {
    if (!$("#traffic").hidden) addEntries([entry]);
  });
  on("settings", () => {
    if (limits) limits.checked = Boolean(state.settings.rate_limits);
  });
  buildPane();
}

function buildPane() {
  rows = h("div", {
    class: "traffic-rows",
    role: "listbox",
    "aria-label": "Requests",
    tabindex: "0",
    onkeydown: moveSelection,
  });
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
    oninput: drawRows,
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
            drawRows();
          },
        },
        "Clear",
      ),
      iconButton("close", "Close traffic", {
        onclick: () => {
          togglePane(false);
          button.focus();
        },
      }),
    ),
    h("div", { class: "traffic-body" }, rows, detail),
  );
}

async function togglePane(open) {
  $("#traffic").hidden = !open;
  button.setAttribute("aria-pressed", String(open));
  if (!open) return;
  const answer = await get("/ui/traffic", { after: entries.at(-1)?.n ?? 0 });
  addEntries(answer.entries ?? []);
  filter.focus();
}

/** Entries come twice when the stream and the first reading overlap: their number decides. */
function addEntries(fresh) {
  const byNumber = new Map(entries.map((entry) => [entry.n, entry]));
  for (const entry of fresh) byNumber.set(entry.n, entry);
  entries = [...byNumber.values()].sort((a, b) => a.n - b.n).slice(-MAX_ENTRIES);
  drawRows();
}

const ARROWS = { in: ["←", "from the app"], out: ["→", "to the app"] };
const failed = (entry) => Boolean(entry.error) || Number(entry.status) >= 400;

function drawRows() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = entries.filter((entry) => {
    const all = JSON.stringify(entry).toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const atEnd = rows.scrollHeight - rows.scrollTop - rows.clientHeight < 40;
  fill(
    rows,
    shown.length
      ? shown.map(entryRow)
      : h(
          "p",
          { class: "empty" },
          entries.length ? "Nothing fits the filter." : "No requests yet. Do something, and they show here.",
        ),
  );
  if (atEnd) rows.scrollTop = rows.scrollHeight;
  const selected = shown.find((entry) => entry.n === chosen);
  if (selected) rows.setAttribute("aria-activedescendant", `traffic-${selected.n}`);
  else rows.removeAttribute("aria-activedescendant");
}

const entryTime = (at) => (typeof at === "number" ? (at < 1e12 ? at * 1000 : at) : Date.parse(at));

function entryRow(entry) {
  const [arrow, words] = ARROWS[entry.direction] ?? ["·", ""];
  return h(
    "div",
    {
      role: "option",
      id: `traffic-${entry.n}`,
      class: `traffic-row ${failed(entry) ? "failed" : ""}`,
      "aria-selected": String(entry.n === chosen),
      onclick: () => chooseEntry(entry),
    },
    h("time", {}, clockSeconds(entryTime(entry.at))),
    h("span", { class: `arrow ${entry.direction}`, role: "img", "aria-label": words, title: words }, arrow),
    h("span", { class: "kind" }, entry.kind),
    h("span", { class: "name" }, entry.name ?? ""),
    h("span", { class: "state" }, entry.error || String(entry.status ?? "")),
    h("span", { class: "ms" }, entry.ms === null || entry.ms === undefined ? "" : `${Math.round(entry.ms)} ms`),
  );
}

function chooseEntry(entry) {
  chosen = entry.n;
  rows
    .querySelectorAll("[role=option]")
    .forEach((node) => node.setAttribute("aria-selected", String(node.id === `traffic-${entry.n}`)));
  rows.setAttribute("aria-activedescendant", `traffic-${entry.n}`);
  fill(
    detail,
    h("h3", {}, `${ARROWS[entry.direction]?.[1] ?? ""}: ${entry.kind} ${entry.name ?? ""}`),
    detailSection("Body", entry.body),
    detailSection("Answer", entry.answer),
  );
}

const detailSection = (name, value) =>
  h("section", {}, h("h4", {}, name), h("pre", {}, h("code", {}, formattedJson(value))));

/** JSON inside a string (a payload, blocks) is parsed too. */
function formattedJson(value) {
  if (value === null || value === undefined || value === "") return "(empty)";
  const parsed = parsedJson(value);
  return typeof parsed === "string" ? parsed : JSON.stringify(parsed, null, 2);
}

function parsedJson(value) {
  if (typeof value === "string" && /^\s*[[{]/.test(value))
    try {
      return parsedJson(JSON.parse(value));
    } catch {
      return value;
    }
  if (Array.isArray(value)) return value.map(parsedJson);
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, parsedJson(inner)]));
  return value;
}

function moveSelection(event) {
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
