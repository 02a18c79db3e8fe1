// Turns what a person typed into what the workspace understands: people by their handle, all else as it stands.
import { state } from "./state.js";

const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Full names by length, so that "Ana Kowalska" wins over "Ana". */
function byLength() {
  const pairs = [...state.people.values()].filter((user) => user.real_name && user.name).map((user) => [user.real_name, user.name]);
  return pairs.sort((a, b) => b[0].length - a[0].length);
}

/** @param {string} typed "@Ana Kowalska, look" @returns {string} "@ana, look" */
export function encode(typed) {
  const pairs = byLength();
  if (!pairs.length) return typed;
  const handles = new Map(pairs.map(([name, handle]) => [name.toLowerCase(), handle]));
  const mention = new RegExp(`(?<![\\p{L}\\p{N}@])@(${pairs.map(([name]) => literal(name)).join("|")})(?![\\p{L}\\p{N}])`, "giu");
  return typed.replace(mention, (whole, name) => `@${handles.get(name.toLowerCase()) ?? name}`);
}
