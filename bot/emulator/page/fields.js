// Block Kit's typed inputs: text, numbers, addresses, dates, times and files.
import { upload } from "./api.js";
import { fill, h, iconButton } from "./dom.js";
import { emit, state } from "./state.js";
import { CHOSEN } from "./surface.js";
import { toLocal, toUnix } from "./time.js";

/** @param {any} element @param {import("./elements.js").Place & {act: () => void}} place */
export function field(element, place) {
  if (element.type === "file_input") return files(element, place);
  if (element.type in NATIVE) return native(element, place);
  return text(element, place);
}

const common = (element, place) => ({
  "aria-labelledby": place.labelledby,
  "aria-label": place.labelledby ? null : (place.label ?? element.placeholder?.text),
  "aria-describedby": place.describedby,
  "aria-required": place.required ? "true" : null,
  "data-focus": `${place.block.block_id}/${element.action_id}`,
  "data-action": element.action_id,
  dir: "auto",
  placeholder: element.placeholder?.text,
});

const held = (element, place) => place.surface.read(place.block, element)[CHOSEN[element.type]];

const TYPES = { email_text_input: "email", url_text_input: "url" };

function text(element, place) {
  const rich = element.type === "rich_text_input";
  const long = rich || element.multiline;
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const write = (value) => place.surface.write(place.block, element, rich ? richText(value) : value || null);
  const node = h(long ? "textarea" : "input", {
    ...common(element, place),
    class: "field",
    rows: long ? 4 : null,
    type: long ? null : (TYPES[element.type] ?? "text"),
    autocomplete: "off",
    inputmode: element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
    value: (rich ? richWords(held(element, place)) : held(element, place)) ?? "",
    oninput: () => {
      write(node.value);
      left();
      if (on.includes("on_character_entered")) soon(place.act);
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
function soon(act) {
  clearTimeout(waiting);
  waiting = setTimeout(act, 300);
}

const richText = (value) =>
  value && { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: value }] }] };
const richWords = (value) =>
  value?.elements
    ?.map((section) =>
      (section.elements ?? [])
        .map((part) => part.text ?? part.elements?.map((one) => one.text).join("") ?? "")
        .join(""),
    )
    .join("\n");

const NATIVE = {
  datepicker: { type: "date", read: (value) => value, write: (value) => value },
  timepicker: { type: "time", read: (value) => value, write: (value) => value },
  datetimepicker: { type: "datetime-local", read: (value) => toLocal(value), write: toUnix },
};

function native(element, place) {
  const kind = NATIVE[element.type];
  const value = held(element, place);
  const node = h("input", {
    ...common(element, place),
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

function files(element, place) {
  const max = element.max_files ?? 10;
  const list = h("ul", { class: "file-list" });
  const kept = () => held(element, place) ?? [];
  const show = () =>
    fill(
      list,
      kept().map((file) =>
        h(
          "li",
          {},
          file.name,
          iconButton("close", `Remove ${file.name}`, {
            onclick: () => {
              place.surface.write(
                place.block,
                element,
                kept().filter((one) => one.id !== file.id),
              );
              show();
            },
          }),
        ),
      ),
    );
  const input = h("input", {
    ...common(element, place),
    class: "field",
    type: "file",
    multiple: max > 1,
    accept: element.filetypes?.map((type) => `.${type}`).join(","),
    onchange: async () => {
      for (const file of [...input.files].slice(0, max - kept().length)) await add(file);
      input.value = "";
      show();
    },
  });
  const add = async (file) => {
    const answer = await upload({ as: state.as, file });
    const stored = answer.file;
    if (!stored) return emit("failed", { what: file.name, error: answer.error });
    place.surface.write(place.block, element, [...kept(), stored]);
  };
  show();
  return h("div", {}, input, list);
}
