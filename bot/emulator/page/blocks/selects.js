// Every select of Block Kit on the one accessible combobox: own options, the app's, people, channels, conversations.
import { Combobox, matching } from "./combobox.js";
import { avatar } from "../avatar.js";
import { isApp, state, titleOf, topicOf } from "../state.js";
import { STATE_KEYS } from "./surface.js";

/** @param {any} element @param {import("./elements.js").Place & {act: () => void}} place */
export function select(element, place) {
  const many = element.type.startsWith("multi_");
  const source = SOURCES[element.type.replace("multi_", "")] ?? ownOptions;
  const from = source(element, place);
  const key = STATE_KEYS[element.type];
  const value = place.surface.read(place.block, element)[key];
  const box = new Combobox({
    label: place.label ?? element.placeholder?.text ?? "Select",
    placeholder: element.placeholder?.text ?? "Select an option",
    many,
    max: element.max_selected_items,
    minQuery: from.minQuery ?? 0,
    describedby: place.describedby,
    focusKey: `${place.block.block_id}/${element.action_id}`,
    required: place.required,
    chosen: (many ? (value ?? []) : [value]).filter(Boolean).map(from.choiceOf),
    find: from.find,
    changed: (chosen) => {
      const raw = chosen.map((choice) => choice.raw);
      place.surface.write(place.block, element, many ? raw : (raw[0] ?? null));
      if (many || raw.length) place.act();
    },
  });
  box.node.dataset.action = element.action_id;
  return box.node;
}

const optionChoice = (option) => ({
  value: option.value,
  label: option.text.text,
  description: option.description?.text,
  raw: option,
});

const grouped = (element) =>
  element.option_groups
    ? element.option_groups.map((group) => ({ label: group.label.text, choices: group.options.map(optionChoice) }))
    : [{ label: null, choices: (element.options ?? []).map(optionChoice) }];

function ownOptions(element) {
  return { choiceOf: optionChoice, find: (text) => matching(grouped(element), text) };
}

function appOptions(element, { surface, block }) {
  const find = async (text) => {
    const answer = await surface.options(block, element, text);
    if (answer.ok === false) return [];
    return grouped(answer);
  };
  return { choiceOf: optionChoice, find, minQuery: element.min_query_length ?? 3 };
}

const personChoice = (id) => {
  const user = state.people.get(id);
  return {
    value: id,
    label: user?.real_name ?? id,
    description: user?.title,
    also: user?.name,
    raw: id,
    sign: () => avatar(user, "small"),
  };
};

const channelChoice = (id) => {
  const one = state.channels.get(id);
  return {
    value: id,
    label: one ? titleOf(one) : id,
    description: one?.is_im ? "Direct message" : topicOf(one),
    raw: id,
  };
};

function people() {
  const choices = () => [...state.people.values()].filter((user) => !user.deleted).map((user) => personChoice(user.id));
  return { choiceOf: personChoice, find: (text) => matching([{ label: null, choices: choices() }], text) };
}

const kindOf = (one) => (one.is_im ? "im" : one.is_private ? "private" : "public");

function conversations(element) {
  const { include, exclude_bot_users: noBots } = element.filter ?? {};
  const fits = (one) =>
    !one.is_archived && (!include || include.includes(kindOf(one))) && !(noBots && one.is_im && isApp(one.user));
  return channelList(fits);
}

const channels = () => channelList((one) => !one.is_im && !one.is_private && !one.is_archived);

function channelList(fits) {
  const choices = () => inOrderOfName([...state.channels.values()].filter(fits)).map((one) => channelChoice(one.id));
  return { choiceOf: channelChoice, find: (text) => matching([{ label: null, choices: choices() }], text) };
}

const inOrderOfName = (list) => list.sort((a, b) => titleOf(a).localeCompare(titleOf(b)));

const SOURCES = {
  static_select: ownOptions,
  external_select: appOptions,
  users_select: people,
  conversations_select: conversations,
  channels_select: channels,
};
