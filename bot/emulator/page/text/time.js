// Moments as Slack shows them, in the acting person's own time zone.
import { state } from "../state.js";

const timeZone = () => state.me?.tz || "UTC";
/** The page speaks English, so its clock follows the person's locale only where that is English too. */
const pageLocale = () => (state.me?.locale?.startsWith("en") ? state.me.locale : "en-GB");
const personLocale = () => state.me?.locale || "en-US";

const formats = new Map();
function format(locale, options) {
  const key = locale + timeZone() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, newFormat(locale, options));
  return formats.get(key);
}

function newFormat(locale, options) {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: timeZone() });
  } catch {
    return new Intl.DateTimeFormat("en-US", { ...options, timeZone: "UTC" });
  }
}

const CLOCK = { timeStyle: "short" };
const SECONDS = { timeStyle: "medium" };
const DAY = { year: "numeric", month: "2-digit", day: "2-digit" };

/** A plain space before AM and PM, as people type it. */
const clockTime = (locale, style, ms) => format(locale, style).format(ms).replace("\u202f", " ");

/** "2026-11-22" there, which also orders and compares days. */
export const dayKey = (ms) => format("en-CA", DAY).format(ms);
export const clock = (ms) => clockTime(pageLocale(), CLOCK, ms);
export const clockSeconds = (ms) => clockTime(pageLocale(), SECONDS, ms);
export const fullTime = (ms) => `${longDate(pageLocale(), ms)} at ${clockSeconds(ms)}`;
export const milliseconds = (ts) => Number(ts) * 1000;

const daysAway = (ms) => Math.round((Date.parse(dayKey(ms)) - Date.parse(dayKey(Date.now()))) / 864e5);

/** "today", "yesterday", "tomorrow" in that language, or null. */
function nearDay(locale, ms) {
  const away = daysAway(ms);
  return Math.abs(away) > 1 ? null : new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(away, "day");
}

const capital = (words) => words && words[0].toUpperCase() + words.slice(1);

/** The line between days: "Today", "Yesterday", "Friday, November 20th". */
export function dayLine(ms) {
  return capital(nearDay(pageLocale(), ms)) ?? longDate(pageLocale(), ms, !sameYear(ms));
}

/** "today at 10:12", for summaries and lists. */
export function shortMoment(ms) {
  return `${nearDay(pageLocale(), ms) ?? shortDate(pageLocale(), ms, !sameYear(ms))} at ${clock(ms)}`;
}

const sameYear = (ms) => dayKey(ms).slice(0, 4) === dayKey(Date.now()).slice(0, 4);

function ordinal(day) {
  const tens = day % 100;
  const ending = tens > 10 && tens < 14 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th");
  return `${day}${ending}`;
}

function plainDate(locale, ms, { weekday = false, year = true } = {}) {
  if (!locale.startsWith("en")) {
    const options = {
      month: "long",
      day: "numeric",
      ...(weekday && { weekday: "long" }),
      ...(year && { year: "numeric" }),
    };
    return format(locale, options).format(ms);
  }
  const month = format("en-US", { month: "long" }).format(ms);
  const day = ordinal(Number(dayKey(ms).slice(8)));
  const name = weekday ? `${format("en-US", { weekday: "long" }).format(ms)}, ` : "";
  return `${name}${month} ${day}${year ? `, ${dayKey(ms).slice(0, 4)}` : ""}`;
}

const longDate = (locale, ms, year = true) => plainDate(locale, ms, { weekday: true, year });
const shortDate = (locale, ms, year = true) =>
  format(locale, { month: "short", day: "numeric", ...(year && { year: "numeric" }) }).format(ms);

function ago(locale, ms) {
  const seconds = Math.round((ms - Date.now()) / 1000);
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of [
    ["year", 31536e3],
    ["month", 2592e3],
    ["week", 604800],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ]) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(seconds, "second");
}

/** Slack leaves the year out within six months. */
const needsYear = (ms) => Math.abs(daysAway(ms)) > 182;

const TOKENS = {
  date_num: (l, ms) => dayKey(ms),
  date_slash: (l, ms) => format(l, DAY).format(ms),
  date: (l, ms) => plainDate(l, ms, { year: needsYear(ms) }),
  date_short: (l, ms) => shortDate(l, ms, needsYear(ms)),
  date_long: (l, ms) => longDate(l, ms, needsYear(ms)),
  date_long_full: (l, ms) => format(l, { month: "long", day: "numeric", year: "numeric" }).format(ms),
  date_pretty: (l, ms) => nearDay(l, ms) ?? TOKENS.date(l, ms),
  date_short_pretty: (l, ms) => nearDay(l, ms) ?? TOKENS.date_short(l, ms),
  date_long_pretty: (l, ms) => nearDay(l, ms) ?? TOKENS.date_long(l, ms),
  day_divider_pretty: (l, ms) => nearDay(l, ms) ?? longDate(l, ms, !sameYear(ms)),
  time: (l, ms) => clockTime(l, CLOCK, ms),
  time_secs: (l, ms) => clockTime(l, SECONDS, ms),
  ago,
};

/** Slack's own date formats; a word at the start is capitalised, as in Slack. Null when the format cannot be read. */
export function slackDate(seconds, template) {
  const ms = Number(seconds) * 1000;
  if (!Number.isFinite(ms) || !template) return null;
  return template.replace(/\{(\w+)\}/g, (whole, token, at) => {
    const words = TOKENS[token]?.(personLocale(), ms);
    return words === undefined ? whole : at === 0 ? capital(words) : words;
  });
}

/** Seconds since 1970 of a wall-clock time ("2026-11-22T10:30") in the acting person's zone. */
export function toUnix(local) {
  const asUtc = Date.parse(`${local}Z`);
  const first = asUtc - offset(asUtc);
  return Math.round((asUtc - offset(first)) / 1000);
}

/** The reverse, as an input of type datetime-local wants it. */
export const toLocal = (seconds) => new Date(seconds * 1000 + offset(seconds * 1000)).toISOString().slice(0, 16);

function offset(ms) {
  const parts = format("en-CA", {
    ...DAY,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(ms);
  const at = Object.fromEntries(parts.map((part) => [part.type, part.value]));
  return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) - Math.floor(ms / 1000) * 1000;
}

/** The time of day where that person is. */
export const theirTime = (user) =>
  new Intl.DateTimeFormat(pageLocale(), { ...CLOCK, timeZone: user.tz || "UTC" }).format(Date.now());
