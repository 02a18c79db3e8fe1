// Turns what a person typed into what the workspace understands, and back: people by their handle, all else as it stands.
import { state } from "./state.js";

const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Full names by length, so that "Ana Kowalska" wins over "Ana". */
function byLength() {
  const pairs = [...state.people.values()]
    .filter((user) => user.real_name && user.name)
    .map((user) => [user.real_name, user.name]);
  return pairs.sort((a, b) => b[0].length - a[0].length);
}

/** @param {string} typed "@Ana Kowalska, look" @returns {string} "@ana, look" */
export function encode(typed) {
  const pairs = byLength();
  if (!pairs.length) return typed;
  const handles = new Map(pairs.map(([full, handle]) => [full.toLowerCase(), handle]));
  const mention = new RegExp(
    `(?<![\\p{L}\\p{N}@])@(${pairs.map(([full]) => literal(full)).join("|")})(?![\\p{L}\\p{N}])`,
    "giu",
  );
  return typed.replace(mention, (whole, full) => `@${handles.get(full.toLowerCase()) ?? full}`);
}

const name = (id) => state.people.get(id)?.name ?? id;

/** The reverse, for somebody who edits what she wrote. */
export function decode(text) {
  return text
    .replace(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (whole, id) => `@${name(id)}`)
    .replace(/<#([A-Z0-9]+)(?:\|[^>]*)?>/g, (whole, id) => `#${state.channels.get(id)?.name ?? id}`)
    .replace(/<!(here|channel|everyone)>/g, "@$1")
    .replace(/<((?:https?|mailto):[^<>|]+)(?:\|[^<>]*)?>/g, "$1")
    .replace(/&(?:amp|lt|gt);/g, (found) => ({ "&amp;": "&", "&lt;": "<", "&gt;": ">" })[found]);
}
