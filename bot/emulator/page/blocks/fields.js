// Block Kit's typed inputs: text, numbers, addresses, dates, times and files.
import { upload } from "../api.js";
import { fill, h, iconButton } from "../dom.js";
import { emit, state } from "../state.js";
import { STATE_KEYS } from "./surface.js";
import { toLocal, toUnix } from "../text/time.js";

/** @param {any} element @param {import("./elements.js").Place & {act: () => void}} place */
export function field(element, place) {
  if (element.type === "file_input") return fileInput(element, place);
  if (element.type in NATIVE_INPUTS) return nativeInput(element, place);
  return textInput(element, place);
}

const commonProps = (element, place) => ({
  "aria-labelledby": place.labelledby,
  "aria-label": place.labelledby ? null : (place.label ?? element.placeholder?.text),
  "aria-describedby": place.describedby,
  "aria-required": place.required ? "true" : null,
  "data-focus": `${place.block.block_id}/${element.action_id}`,
  "data-action": element.action_id,
  dir: "auto",
  placeholder: element.placeholder?.text,
});

const heldValue = (element, place) => place.surface.read(place.block, element)[STATE_KEYS[element.type]];

const TEXT_TYPES = { email_text_input: "email", url_text_input: "url" };

function textInput(element, place) {
  const rich = element.type === "rich_text_input";
  const long = rich || element.multiline;
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const write = (value) => place.surface.write(place.block, element, rich ? richTextBlock(value) : value || null);
  const node = h(long ? "textarea" : "input", {
    ...commonProps(element, place),
    class: "field",
    rows: long ? 4 : null,
    type: long ? null : (TEXT_TYPES[element.type] ?? "text"),
    autocomplete: "off",
    inputmode: element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
    value: (rich ? richTextWords(heldValue(element, place)) : heldValue(element, place)) ?? "",
    oninput: () => {
      write(node.value);
      left();
      if (on.includes("on_character_entered")) actSoon(place.act);
    },
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !long && !event.isComposing) enter(event);
    },
  });
  const enter = (event) => {
    if (place.block.dispatch_action && on.includes("on_enter_pressed")) {
      event.preventDefault();
      place.act();
    }
  };
  const room = element.max_length ? h("span", { class: "room", "aria-hidden": "true" }) : null;
  const left = () => {
    if (room) showRoom(room, element.max_length - node.value.length);
  };
  left();
  return room ? h("div", { class: "field-with-room" }, node, room) : node;
}

/** The number of characters left, once it matters. */
function showRoom(room, left) {
  room.textContent = left <= 20 ? String(left) : "";
  room.classList.toggle("over", left < 0);
}

let waiting = null;
function actSoon(act) {
  clearTimeout(waiting);
  waiting = setTimeout(act, 300);
}

const richTextBlock = (value) =>
  value && { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: value }] }] };
const richTextWords = (value) =>
  value?.elements
    ?.map((section) =>
      (section.elements ?? [])
        .map((part) => part.text ?? part.elements?.map((one) => one.text).join("") ?? "")
        .join(""),
    )
    .join("\n");

const NATIVE_INPUTS = {
  datepicker: { type: "date", read: (value) => value, write: (value) => value },
  timepicker: { type: "time", read: (value) => value, write: (value) => value },
  datetimepicker: { type: "datetime-local", read: (value) => toLocal(value), write: toUnix },
};

function nativeInput(element, place) {
  const kind = NATIVE_INPUTS[element.type];
  const value = heldValue(element, place);
  const node = h("input", {
    ...commonProps(element, place),
    class: "field",
    type: kind.type,
    value: value ? kind.read(value) : "",
    "aria-label": place.labelledby ? null : (place.label ?? element.placeholder?.text ?? kind.type),
    onchange: () => {
      place.surface.write(place.block, element, node.value ? kind.write(node.value) : null);
      if (node.value) place.act();
    },
  });
  return node;
}

function fileInput(element, place) {
  const max = element.max_files ?? 10;
  const list = h("ul", { class: "file-list" });
  const chosen = () => heldValue(element, place) ?? [];
  const show = () =>
    fill(
      list,
      chosen().map((file) =>
        h(
          "li",
          {},
          file.name,
          iconButton("close", `Remove ${file.name}`, {
            onclick: () => {
              place.surface.write(
                place.block,
                element,
                chosen().filter((one) => one.id !== file.id),
              );
              show();
            },
          }),
        ),
      ),
    );
  const input = h("input", {
    ...commonProps(element, place),
    class: "field",
    type: "file",
    multiple: max > 1,
    accept: element.filetypes?.map((type) => `.${type}`).join(","),
    onchange: async () => {
      for (const file of [...input.files].slice(0, max - chosen().length)) await add(file);
      input.value = "";
      show();
    },
  });
  const add = async (file) => {
    const answer = await upload({ as: state.as, file });
    const stored = answer.file;
    if (!stored) return emit("failed", { what: file.name, error: answer.error });
    place.surface.write(place.block, element, [...chosen(), stored]);
  };
  show();
  return h("div", {}, input, list);
}
