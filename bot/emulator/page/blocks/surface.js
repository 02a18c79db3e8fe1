// A message, a modal or a Home with blocks: what was typed there, and how presses reach the app.
import { post } from "../api.js";
import { emit, state } from "../state.js";

/** The key of an element's state that holds its value. */
export const STATE_KEYS = {
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  overflow: "selected_option",
  multi_static_select: "selected_options",
  multi_external_select: "selected_options",
  checkboxes: "selected_options",
  users_select: "selected_user",
  multi_users_select: "selected_users",
  channels_select: "selected_channel",
  multi_channels_select: "selected_channels",
  conversations_select: "selected_conversation",
  multi_conversations_select: "selected_conversations",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
  plain_text_input: "value",
  number_input: "value",
  email_text_input: "value",
  url_text_input: "value",
  rich_text_input: "rich_text_value",
  file_input: "files",
};

const LIST_KEYS = new Set(["selected_options", "selected_users", "selected_channels", "selected_conversations", "files"]);

const firstPresent = (element, ...names) =>
  names.map((name) => element[name]).find((value) => value !== undefined) ?? null;

function initialValue(element) {
  if (element.default_to_current_conversation && state.place.channel) return currentConversation(element);
  return firstPresent(
    element,
    "initial_value",
    "initial_option",
    "initial_options",
    "initial_user",
    "initial_users",
    "initial_channel",
    "initial_channels",
    "initial_conversation",
    "initial_conversations",
    "initial_date",
    "initial_time",
    "initial_date_time",
  );
}

const currentConversation = (element) =>
  element.type.startsWith("multi_") ? [state.place.channel] : state.place.channel;

export class Surface {
  /** @param {{type: "message"|"view"|"home", channel?: string, message_ts?: string, view_id?: string}} container */
  constructor(container, values = {}) {
    this.container = container;
    this.values = structuredClone(values);
    this.nodes = new Map();
    this.touched = new Set();
  }

  /** The state of an element, begun with its initial value; typed input stays while block_id and action_id stay. */
  read(block, element) {
    const values = (this.values[block.block_id] ??= {});
    const before = values[element.action_id];
    const key = STATE_KEYS[element.type];
    const startsHere = element.default_to_current_conversation && !this.touched.has(block.block_id);
    if (before?.type === element.type && !(startsHere && !before[key]?.length)) return before;
    const value = initialValue(element) ?? (LIST_KEYS.has(key) ? [] : null);
    return (values[element.action_id] = { type: element.type, [key]: value });
  }

  write(block, element, value) {
    this.touched.add(block.block_id);
    this.read(block, element)[STATE_KEYS[element.type]] = value;
    this.onwrite?.(block);
  }

  /** State of a form: only what its present blocks hold. */
  state(blocks) {
    const ids = new Set(blocks.map((block) => block.block_id));
    return Object.fromEntries(Object.entries(this.values).filter(([id]) => ids.has(id)));
  }

  /** What was filled in is sent as state; only an overflow sends its choice. A failure is shown as a sentence. */
  async press(block, element, choose) {
    const body = {
      as: state.as,
      container: this.container,
      block_id: block.block_id,
      action_id: element.action_id,
      state: this.values,
    };
    const outcome = await post("/ui/press", choose === undefined ? body : { ...body, choose });
    if (!outcome.ok) emit("failed", { what: elementName(element), error: outcome.error });
    return outcome;
  }

  options(block, element, value) {
    return post("/ui/options", {
      as: state.as,
      container: this.container,
      block_id: block.block_id,
      action_id: element.action_id,
      value,
    });
  }
}

const elementName = (element) => element.text?.text || element.placeholder?.text || "That";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const VALUE_CHECKS = {
  plain_text_input: (value, { min_length: min, max_length: max }) => {
    if (min && value.length < min) return `Enter at least ${min} character${min === 1 ? "" : "s"}.`;
    return max && value.length > max ? `Enter at most ${max} characters (now ${value.length}).` : null;
  },
  email_text_input: (value) => (EMAIL.test(value) ? null : "Enter a valid email address."),
  url_text_input: (value) =>
    /^https?:\/\/\S+\.\S+|^https?:\/\/localhost/.test(value) ? null : "Enter a valid URL, such as https://example.com.",
  number_input: (value, element) => numberProblem(Number(value), value, element),
};

function numberProblem(number, text, { is_decimal_allowed: decimal, min_value: min, max_value: max }) {
  if (!Number.isFinite(number)) return "Enter a number.";
  if (!decimal && !/^-?\d+$/.test(text.trim())) return "Enter a whole number.";
  if (min !== undefined && number < Number(min)) return `Enter ${min} or more.`;
  return max !== undefined && number > Number(max) ? `Enter ${max} or less.` : null;
}

/** @returns {Record<string, string>} errors that Slack itself finds before the app gets the form, by block_id */
export function formErrors(surface, blocks) {
  const errors = {};
  for (const block of blocks.filter((one) => one.type === "input")) {
    const value = surface.read(block, block.element)[STATE_KEYS[block.element.type]];
    const missing = value === null || value === "" || (Array.isArray(value) && value.length === 0);
    if (missing && !block.optional) errors[block.block_id] = "Please complete this required field.";
    else if (!missing) {
      const problem = VALUE_CHECKS[block.element.type]?.(value, block.element);
      if (problem) errors[block.block_id] = problem;
    }
  }
  return errors;
}
