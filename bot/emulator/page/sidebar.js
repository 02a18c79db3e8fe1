// The left column: the app, channels and direct messages, with what is unread.
import { presence, avatar, status } from "./avatar.js";
import { $, fill, h, icon, iconButton, keepFocus } from "./dom.js";
import { directWith, isApp, on, state, titleOf } from "./state.js";
import { go, goDirect } from "./store.js";
import { openSwitcher } from "./switcher.js";

export function startSidebar() {
  for (const topic of ["channels", "people", "place"]) on(topic, draw);
  $("#open-sidebar").addEventListener("click", () => toggle(true));
  $("#sidebar-shade").addEventListener("click", () => toggle(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("sidebar-open")) toggle(false);
  });
}

/** On a narrow window the column is a drawer. */
export function toggle(open) {
  document.body.classList.toggle("sidebar-open", open);
  $("#open-sidebar").setAttribute("aria-expanded", String(open));
  (open ? $("#sidebar .entry") : $("#open-sidebar"))?.focus();
}

function draw() {
  const all = [...state.channels.values()].filter((one) => !one.is_im).sort((a, b) => a.name.localeCompare(b.name));
  const joined = all.filter((one) => one.is_member !== false && !one.is_archived);
  const others = all.filter((one) => one.is_member === false || one.is_archived);
  const directs = [...state.channels.values()]
    .filter((one) => one.is_im && !isApp(one.user))
    .sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
  keepFocus($("#sidebar"), () =>
    fill(
      $("#sidebar"),
      h("div", { class: "workspace", dir: "auto" }, state.team.name),
      h(
        "div",
        { class: "sidebar-lists" },
        group("Apps", [appEntry()]),
        group("Channels", joined.map(channelEntry)),
        others.length
          ? h(
              "details",
              { class: "others" },
              h("summary", { "data-focus": "others" }, "Other channels"),
              h("ul", {}, others.map(channelEntry)),
            )
          : null,
        group(
          "Direct messages",
          directs.map(directEntry),
          iconButton("plus", "New direct message", { onclick: () => openSwitcher("people"), "data-focus": "new-dm" }),
        ),
      ),
    ),
  );
  document.title = title();
}

function title() {
  const unread = [...state.channels.values()].reduce((sum, one) => sum + (one.unread ?? 0), 0);
  const here = state.place.home ? state.app.name : titleOf(state.channels.get(state.place.channel));
  return `${unread ? `(${unread}) ` : ""}${here ? `${here} · ` : ""}${state.team.name ?? "Local workspace"}`;
}

function group(name, entries, extra = null) {
  const id = `group-${name.replaceAll(" ", "-").toLowerCase()}`;
  return h(
    "section",
    { class: "group", "aria-labelledby": id },
    h("div", { class: "group-head" }, h("h2", { id }, name), extra),
    h("ul", {}, entries),
  );
}

function entry({ key, current, unread, label, open, sign, after = null, muted = false }) {
  const counted = unread ? `, ${unread} unread` : "";
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: `entry ${unread ? "unread" : ""} ${muted ? "muted" : ""}`,
        "aria-current": current ? "page" : null,
        "data-focus": key,
        "aria-label": `${label}${counted}`,
        onclick: () => {
          document.body.classList.remove("sidebar-open");
          open();
        },
      },
      sign,
      h("span", { class: "entry-name", dir: "auto" }, label),
      after,
      unread ? h("span", { class: "count" }, unread > 99 ? "99+" : String(unread)) : null,
    ),
  );
}

const at = (id) => !state.place.home && state.place.channel === id;

function channelEntry(one) {
  return entry({
    key: one.id,
    current: at(one.id),
    unread: one.unread,
    label: one.name,
    open: () => go({ channel: one.id }),
    muted: one.is_archived || one.is_member === false,
    sign: one.is_private ? icon("lock") : h("span", { class: "hash", "aria-hidden": "true" }, "#"),
  });
}

function directEntry(one) {
  const user = state.people.get(one.user);
  const self = one.user === state.as;
  return entry({
    key: one.id,
    current: at(one.id),
    unread: one.unread,
    label: titleOf(one) + (self ? " (you)" : ""),
    open: () => go({ channel: one.id }),
    sign: h("span", { class: "face" }, avatar(user, "small"), presence(user)),
    after: status(user),
  });
}

function appEntry() {
  const direct = directWith(state.app.bot_user);
  const here = state.place.home || (direct && state.place.channel === direct.id);
  const user = state.people.get(state.app.bot_user);
  return entry({
    key: "app",
    current: here,
    unread: direct?.unread,
    label: state.app.name ?? "App",
    open: () => (direct?.unread ? go({ channel: direct.id }) : go({ home: true })),
    sign: h(
      "span",
      { class: "face" },
      avatar(user ?? { name: state.app.name, is_bot: true }, "small"),
      presence({ is_bot: true }),
    ),
  });
}

/** The two tabs of the app: its Home and its messages. */
export function appTabs() {
  const tab = (label, current, open) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        "aria-selected": String(current),
        tabindex: current ? "0" : "-1",
        class: "tab",
        onclick: open,
        "data-focus": `tab-${label}`,
      },
      label,
    );
  const messages = () => {
    const direct = directWith(state.app.bot_user);
    return direct ? go({ channel: direct.id }) : goDirect(state.app.bot_user);
  };
  return h(
    "div",
    {
      class: "tabs",
      role: "tablist",
      "aria-label": state.app.name,
      onkeydown: (event) => {
        if (event.key === "ArrowRight" || event.key === "ArrowLeft")
          (state.place.home ? messages() : go({ home: true })).then?.(() => $(".tab[aria-selected=true]")?.focus());
      },
    },
    tab("Home", state.place.home, () => go({ home: true })),
    tab("Messages", !state.place.home, messages),
  );
}
