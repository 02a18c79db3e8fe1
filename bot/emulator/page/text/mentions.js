// Names in typed text become the handles of the workspace, and back.
import { state } from "../state.js";
import { unescape } from "./mrkdwn.js";

const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Full names, longest first, so that "Ana Kowalska" wins over "Ana". */
function namesByLength() {
  const pairs = [...state.people.values()]
    .filter((user) => user.real_name && user.name)
    .map((user) => [user.real_name, user.name]);
  return pairs.sort((a, b) => b[0].length - a[0].length);
}

/** @param {string} typed "@Ana Kowalska, look" @returns {string} "@ana, look" */
export function encodeMentions(typed) {
  const pairs = namesByLength();
  if (!pairs.length) return typed;
  const handles = new Map(pairs.map(([full, handle]) => [full.toLowerCase(), handle]));
  const mention = new RegExp(
    `(?<![\\p{L}\\p{N}@])@(${pairs.map(([full]) => escapeRegExp(full)).join("|")})(?![\\p{L}\\p{N}])`,
    "giu",
  );
  return typed.replace(mention, (whole, full) => `@${handles.get(full.toLowerCase()) ?? full}`);
}

const handleOf = (id) => state.people.get(id)?.name ?? id;

/** The reverse, for the editor of a message. */
export function decodeMentions(text) {
  const typed = text
    .replace(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (whole, id) => `@${handleOf(id)}`)
    .replace(/<#([A-Z0-9]+)(?:\|[^>]*)?>/g, (whole, id) => `#${state.channels.get(id)?.name ?? id}`)
    .replace(/<!(here|channel|everyone)>/g, "@$1")
    .replace(/<((?:https?|mailto):[^<>|]+)(?:\|[^<>]*)?>/g, "$1");
  return unescape(typed);
}
