// Block Kit's interactive elements, each drawn for one surface.
import { h, icon, safeUrl } from "../dom.js";
import { field } from "./fields.js";
import { textNodes } from "../text/mrkdwn.js";
import { pictureUrl } from "./picture.js";
import { confirmDialog, openMenu } from "../popup.js";
import { select } from "./selects.js";
import { STATE_KEYS } from "./surface.js";

/** @typedef {{surface: import("./surface.js").Surface, block: any, labelledby?: string, label?: string, describedby?: string}} Place */

const KINDS = {
  button,
  overflow,
  checkboxes: choices,
  radio_buttons: choices,
  image,
  workflow_button: button,
  feedback_buttons: feedback,
  icon_button: iconElement,
};

/** @param {any} element @param {Place} place */
export function elementNode(element, place) {
  if (KINDS[element.type]) return KINDS[element.type](element, place);
  if (element.type.includes("select")) return select(element, { ...place, act: () => dispatchAction(element, place) });
  if (element.type in STATE_KEYS) return field(element, { ...place, act: () => dispatchAction(element, place) });
  return h("span", { class: "unknown" }, `(${element.type} is not drawn here)`);
}

export const focusKey = (element, { block }) => `${block.block_id}/${element.action_id}`;

/** Elements of an input block reach the app only with dispatch_action; all others always do. */
function dispatchAction(element, { surface, block }) {
  if (block.type === "input" && !block.dispatch_action) return;
  confirmFirst(element, () => surface.press(block, element));
}

/** Runs the press, after the app's own question if it has one. */
async function confirmFirst(element, press) {
  if (element.confirm && !(await confirmDialog(plainConfirm(element.confirm)))) return;
  await press();
}

const plainConfirm = (confirm) => ({
  title: confirm.title?.text,
  text: h("span", {}, textNodes(confirm.text)),
  confirm: confirm.confirm?.text,
  deny: confirm.deny?.text,
  style: confirm.style,
});

function button(element, place) {
  const node = h(
    "button",
    {
      type: "button",
      class: `button ${element.style ?? ""}`,
      "data-focus": focusKey(element, place),
      "data-action": element.action_id,
      "aria-label": element.accessibility_label,
      dir: "auto",
      onclick: () => whileBusy(node, () => confirmFirst(element, () => pressButton(element, place))),
    },
    textNodes(element.text),
  );
  if (element.url) node.setAttribute("role", "link");
  return node;
}

function pressButton(element, { surface, block }) {
  const url = element.url && safeUrl(element.url);
  if (url) document.dispatchEvent(new CustomEvent("follow", { detail: url }));
  return surface.press(block, element);
}

/** One press at a time: until the app answers, the button says it is busy. */
async function whileBusy(node, work) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function overflow(element, place) {
  const node = h(
    "button",
    {
      type: "button",
      class: "button overflow",
      "aria-label": place.label ? `More for ${place.label}` : "More",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-focus": focusKey(element, place),
      "data-action": element.action_id,
      onclick: () =>
        openMenu(node, {
          label: "More",
          items: element.options.map((option) => ({
            label: option.text.text,
            description: option.description?.text,
            choose: () => whileBusy(node, () => confirmFirst(element, () => pick(option))),
          })),
        }),
    },
    icon("dots"),
  );
  const pick = (option) => {
    const url = option.url && safeUrl(option.url);
    if (url) document.dispatchEvent(new CustomEvent("follow", { detail: url }));
    return place.surface.press(place.block, element, option.value);
  };
  return node;
}

function choices(element, place) {
  const many = element.type === "checkboxes";
  const key = STATE_KEYS[element.type];
  const chosen = () => place.surface.read(place.block, element)[key];
  const isOn = (option) => (many ? (chosen() ?? []) : [chosen()]).some((one) => one?.value === option.value);
  const change = (option, on) => {
    const others = many ? chosen().filter((one) => one.value !== option.value) : [];
    place.surface.write(place.block, element, many ? [...others, ...(on ? [option] : [])] : option);
    dispatchAction(element, place);
  };
  const name = `${place.surface.container.view_id ?? place.surface.container.message_ts}/${focusKey(element, place)}`;
  return h(
    "div",
    {
      class: "choices",
      role: many ? "group" : "radiogroup",
      "aria-labelledby": place.labelledby,
      "aria-label": place.labelledby ? null : (place.label ?? "Choices"),
      "aria-describedby": place.describedby,
    },
    element.options.map((option) =>
      h(
        "label",
        { class: "choice" },
        h("input", {
          type: many ? "checkbox" : "radio",
          name,
          value: option.value,
          checked: isOn(option),
          "data-focus": `${focusKey(element, place)}/${option.value}`,
          onchange: (event) => change(option, event.target.checked),
        }),
        h(
          "span",
          {},
          h("span", { dir: "auto" }, textNodes(option.text)),
          option.description
            ? h("span", { class: "choice-description", dir: "auto" }, textNodes(option.description))
            : null,
        ),
      ),
    ),
  );
}

function image(element) {
  return h("img", {
    class: "image-element",
    src: pictureUrl(element),
    alt: element.alt_text ?? "",
    title: element.alt_text,
    loading: "lazy",
  });
}

function feedback(element, place) {
  const pair = [
    ["positive_button", "👍"],
    ["negative_button", "👎"],
  ];
  return h(
    "span",
    { class: "feedback" },
    pair.map(([key, sign]) =>
      h(
        "button",
        {
          type: "button",
          class: "button overflow",
          "aria-label": element[key]?.accessibility_label ?? element[key]?.text?.text,
          title: element[key]?.text?.text,
          onclick: () => place.surface.press(place.block, element, element[key]?.value),
        },
        sign,
      ),
    ),
  );
}

function iconElement(element, place) {
  return h(
    "button",
    {
      type: "button",
      class: "button overflow",
      "aria-label": element.accessibility_label ?? element.text?.text,
      title: element.text?.text,
      onclick: () => confirmFirst(element, () => place.surface.press(place.block, element)),
    },
    element.icon === "trash" ? "🗑" : element.text?.text,
  );
}
