// The quick switcher (Ctrl or Cmd + K): jump to a channel, a person or the app by a few letters.
import { avatar } from "../avatar.js";
import { Combobox, matching } from "../blocks/combobox.js";
import { h, icon } from "../dom.js";
import { isApp, state, titleOf, topicOf } from "../state.js";
import { goTo, openDirect } from "../store.js";

/** @param {"all"|"people"} [what] */
export function openSwitcher(what = "all") {
  if (document.querySelector("dialog[open]")) return;
  const label = what === "people" ? "New direct message" : "Jump to";
  const box = new Combobox({
    label,
    placeholder: what === "people" ? "Whom do you want to write to?" : "Channel, person or app",
    chosen: [],
    find: (text) => matching(choiceGroups(what), text),
    changed: ([choice]) => {
      if (choice) {
        dialog.close();
        choice.raw();
      }
    },
  });
  const dialog = h(
    "dialog",
    { class: "dialog switcher", "aria-label": label },
    h(
      "p",
      { class: "switcher-hint" },
      h("strong", {}, label),
      " ",
      h("kbd", {}, "↑"),
      " ",
      h("kbd", {}, "↓"),
      " to choose, ",
      h("kbd", {}, "Enter"),
      " to go, ",
      h("kbd", {}, "Esc"),
      " to stay",
    ),
    box.node,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  box.input.focus();
  box.search();
}

function choiceGroups(what) {
  const people = [...state.people.values()]
    .filter((user) => !user.deleted && !isApp(user.id))
    .map((user) => ({
      value: user.id,
      label: user.real_name || user.name,
      description: user.title,
      also: user.name,
      raw: () => openDirect(user.id),
      sign: () => avatar(user, "small"),
    }));
  if (what === "people") return [{ label: null, choices: people }];
  const channels = [...state.channels.values()]
    .filter((one) => !one.is_im)
    .map((one) => ({
      value: one.id,
      label: titleOf(one),
      description: topicOf(one),
      raw: () => goTo({ channel: one.id }),
    }));
  const app = {
    value: "app",
    label: state.app.name,
    description: "App",
    raw: () => goTo({ home: true }),
    sign: () => icon("home"),
  };
  return [
    { label: "Channels", choices: channels },
    { label: "Apps", choices: [app] },
    { label: "People", choices: people },
  ];
}
