// The left column: the app, channels and direct messages, with what is unread.
import { presenceDot, avatar, statusEmoji } from "../avatar.js";
import { $, fill, h, icon, iconButton, keepFocus } from "../dom.js";
import { directWith, isApp, on, state, titleOf } from "../state.js";
import { goTo, openDirect } from "../store.js";
import { openSwitcher } from "./switcher.js";

export function startSidebar() {
  for (const topic of ["channels", "people", "place"]) on(topic, drawSidebar);
  $("#open-sidebar").addEventListener("click", () => toggleSidebar(true));
  $("#sidebar-shade").addEventListener("click", () => toggleSidebar(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("sidebar-open")) toggleSidebar(false);
  });
}

/** On a narrow window the column is a drawer. */
export function toggleSidebar(open) {
  document.body.classList.toggle("sidebar-open", open);
  $("#open-sidebar").setAttribute("aria-expanded", String(open));
  (open ? $("#sidebar .entry") : $("#open-sidebar"))?.focus();
}

function drawSidebar() {
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
        entryGroup("Apps", [appEntry()]),
        entryGroup("Channels", joined.map(channelEntry)),
        others.length
          ? h(
              "details",
              { class: "others" },
              h("summary", { "data-focus": "others" }, "Other channels"),
              h("ul", {}, others.map(channelEntry)),
            )
          : null,
        entryGroup(
          "Direct messages",
          directs.map(directEntry),
          iconButton("plus", "New direct message", { onclick: () => openSwitcher("people"), "data-focus": "new-dm" }),
        ),
      ),
    ),
  );
  document.title = windowTitle();
}

function windowTitle() {
  const unread = [...state.channels.values()].reduce((sum, one) => sum + (one.unread ?? 0), 0);
  const here = state.place.home ? state.app.name : titleOf(state.channels.get(state.place.channel));
  return `${unread ? `(${unread}) ` : ""}${here ? `${here} · ` : ""}${state.team.name ?? "Local workspace"}`;
}

function entryGroup(name, entries, extra = null) {
  const id = `group-${name.replaceAll(" ", "-").toLowerCase()}`;
  return h(
    "section",
    { class: "group", "aria-labelledby": id },
    h("div", { class: "group-head" }, h("h2", { id }, name), extra),
    h("ul", {}, entries),
  );
}

function entryRow({ key, current, unread, label, open, sign, after = null, muted = false }) {
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

const isCurrent = (id) => !state.place.home && state.place.channel === id;

function channelEntry(one) {
  return entryRow({
    key: one.id,
    current: isCurrent(one.id),
    unread: one.unread,
    label: one.name,
    open: () => goTo({ channel: one.id }),
    muted: one.is_archived || one.is_member === false,
    sign: one.is_private ? icon("lock") : h("span", { class: "hash", "aria-hidden": "true" }, "#"),
  });
}

function directEntry(one) {
  const user = state.people.get(one.user);
  const self = one.user === state.as;
  return entryRow({
    key: one.id,
    current: isCurrent(one.id),
    unread: one.unread,
    label: titleOf(one) + (self ? " (you)" : ""),
    open: () => goTo({ channel: one.id }),
    sign: h("span", { class: "face" }, avatar(user, "small"), presenceDot(user)),
    after: statusEmoji(user),
  });
}

function appEntry() {
  const direct = directWith(state.app.bot_user);
  const here = state.place.home || (direct && state.place.channel === direct.id);
  const user = state.people.get(state.app.bot_user);
  return entryRow({
    key: "app",
    current: here,
    unread: direct?.unread,
    label: state.app.name ?? "App",
    open: () => (direct?.unread ? goTo({ channel: direct.id }) : goTo({ home: true })),
    sign: h(
      "span",
      { class: "face" },
      avatar(user ?? { name: state.app.name, is_bot: true }, "small"),
      presenceDot({ is_bot: true }),
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
    return direct ? goTo({ channel: direct.id }) : openDirect(state.app.bot_user);
  };
  return h(
    "div",
    {
      class: "tabs",
      role: "tablist",
      "aria-label": state.app.name,
      onkeydown: (event) => {
        if (event.key === "ArrowRight" || event.key === "ArrowLeft")
          (state.place.home ? messages() : goTo({ home: true })).then?.(() => $(".tab[aria-selected=true]")?.focus());
      },
    },
    tab("Home", state.place.home, () => goTo({ home: true })),
    tab("Messages", !state.place.home, messages),
  );
}
