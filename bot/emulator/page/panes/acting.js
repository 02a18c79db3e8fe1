// "Acting as": the acting person, and how she appears to the others.
import { post } from "../api.js";
import { avatar, presenceDot, statusEmoji } from "../avatar.js";
import { $, fill, h } from "../dom.js";
import { openMenu } from "../popup.js";
import { isApp, on, state } from "../state.js";
import { theirTime } from "../text/time.js";

/** @param {(user: string) => void} become */
export function startActing(become) {
  const button = $("#acting-as");
  button.addEventListener("click", () =>
    openMenu(button, { label: "Acting as", align: "end", className: "people-menu", items: menuItems(become) }),
  );
  on("people", () => drawButton(button));
}

function drawButton(button) {
  const me = state.me ?? {};
  fill(
    button,
    h("span", { class: "face" }, avatar(me, "small"), presenceDot(me)),
    h(
      "span",
      { class: "acting-words" },
      h("span", { class: "acting-label" }, "Acting as"),
      h("span", { class: "acting-name", dir: "auto" }, me.real_name ?? "…"),
    ),
    statusEmoji(me),
  );
  button.setAttribute("aria-label", `Acting as ${me.real_name ?? "nobody"}${me.title ? `, ${me.title}` : ""}`);
}

function menuItems(become) {
  const me = state.me;
  const away = me.presence === "away";
  const set = (change) => () => post("/ui/presence", { as: state.as, presence: away ? "away" : "auto", ...change });
  const people = [...state.people.values()].filter((user) => !user.deleted && !user.is_bot && !isApp(user.id));
  return [
    { heading: "Who are you?" },
    ...people.map((user) => ({
      label: user.real_name || user.name,
      description: describePerson(user),
      radio: true,
      checked: user.id === state.as,
      icon: h("span", { class: "face" }, avatar(user, "small"), presenceDot(user)),
      choose: () => become(user.id),
    })),
    { heading: `How ${me.real_name} appears` },
    { label: away ? "Set yourself active" : "Set yourself away", choose: set({ presence: away ? "auto" : "away" }) },
    {
      label: me.dnd ? "Resume notifications" : "Pause notifications",
      description: "Do not disturb",
      choose: set({ dnd: !me.dnd }),
    },
    ...STATUSES.map(([emoji, text, sign]) => {
      const on = me.status_text === text;
      return {
        label: on ? `Clear status “${text}”` : text,
        icon: h("span", { class: "menu-sign", "aria-hidden": "true" }, sign),
        choose: set(on ? { status_text: "", status_emoji: "" } : { status_text: text, status_emoji: emoji }),
      };
    }),
  ];
}

const describePerson = (user) =>
  [user.title, user.is_admin ? "admin" : null, user.is_restricted ? "guest" : null, `${theirTime(user)} there`]
    .filter(Boolean)
    .join(" · ");

const STATUSES = [
  [":calendar:", "In a meeting", "📅"],
  [":coffee:", "On a break", "☕"],
  [":face_with_thermometer:", "Out sick", "🤒"],
  [":palm_tree:", "On holiday", "🌴"],
];
