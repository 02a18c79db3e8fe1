// The emoji picker: a small grid that filters by name.
import { fill, h } from "../dom.js";
import { COMMON, EMOJI } from "../text/emoji.js";
import { dismissable, showBeside } from "../popup.js";

/** Asks for one emoji beside `anchor`. */
export function pickEmoji(anchor, chosen) {
  let end = () => {};
  const pick = (name) => {
    end();
    anchor.focus();
    chosen(name);
  };
  const grid = h("div", {
    class: "emoji-grid",
    role: "group",
    "aria-label": "Emoji",
    onkeydown: (event) => moveFocus(event, grid),
  });
  const search = h("input", {
    type: "search",
    class: "field",
    "aria-label": "Search emoji",
    placeholder: "Search emoji",
    oninput: () => show(),
    onkeydown: (event) => {
      if (event.key === "Enter") grid.querySelector("button")?.click();
      else if (event.key === "ArrowDown") grid.querySelector("button")?.focus();
      else return;
      event.preventDefault();
    },
  });
  const show = () =>
    fill(
      grid,
      matchingEmoji(search.value).map((name) =>
        h(
          "button",
          {
            type: "button",
            class: "emoji-button",
            title: `:${name}:`,
            "aria-label": name.replaceAll("_", " "),
            onclick: () => pick(name),
          },
          EMOJI.get(name),
        ),
      ),
    );
  const box = h("div", { class: "menu emoji-picker", role: "dialog", "aria-label": "Pick an emoji" }, search, grid);
  show();
  showBeside(box, anchor, { align: "end" });
  anchor.setAttribute("aria-expanded", "true");
  end = dismissable(box, anchor, () => anchor.setAttribute("aria-expanded", "false"));
  search.focus();
}

function matchingEmoji(text) {
  const wanted = text.trim().toLowerCase().replaceAll(":", "").replaceAll(" ", "_");
  if (!wanted) return [...COMMON, ...[...EMOJI.keys()].filter((name) => !COMMON.includes(name))];
  return [...EMOJI.keys()].filter((name) => name.includes(wanted));
}

function moveFocus(event, grid) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...grid.children];
  all[all.indexOf(document.activeElement) + step]?.focus();
}
