// The workspace as this window has loaded it, and the listeners to its changes.

export const state = {
  /** @type {string|null} who acts */
  as: null,
  me: null,
  team: {},
  app: {},
  commands: [],
  shortcuts: [],
  settings: {},
  /** @type {Map<string, any>} */ people: new Map(),
  /** @type {Map<string, any>} */ channels: new Map(),
  /** where the person is: a channel, maybe one of its threads, and for the app its Home */
  place: { channel: null, thread: null, home: false },
  /** @type {Map<string, Map<string, any>>} messages by channel, then by their key */
  messages: new Map(),
  /** @type {Map<string, Map<string, any>>} replies and root by `channel:ts` */
  threads: new Map(),
  /** modal views, bottom to top */ views: [],
  home: null,
  /** first unread message of the open channel, for the "New" line */ newFrom: null,
  connected: true,
};

const listeners = new Map();

export function on(topic, callback) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(callback);
}

export function emit(topic, detail) {
  for (const callback of listeners.get(topic) ?? []) callback(detail);
}

export const person = (id) => state.people.get(id);
export const nameOf = (id) => person(id)?.real_name || person(id)?.name || id;
export const channel = (id) => state.channels.get(id);
export const isApp = (id) => id === state.app.bot_user;

/** What people call a conversation: "#support", a person's name, or the app's. */
export function titleOf(one) {
  if (!one) return "";
  if (!one.is_im) return `#${one.name}`;
  return isApp(one.user) ? state.app.name : nameOf(one.user);
}

/** What a channel is about; Slack wraps it in an object. */
export const topicOf = (one) => one?.topic?.value ?? one?.topic ?? "";

/** Undefined where no DM is open. */
export const directWith = (user) => [...state.channels.values()].find((one) => one.is_im && one.user === user);

/** Ephemerals share the order of messages but never their keys. */
export const messageKey = (message) => (message.is_ephemeral ? `e${message.ts}` : message.ts);

/** Messages of a map, oldest first. */
export const sortedByTime = (map) => [...(map?.values() ?? [])].sort((a, b) => Number(a.ts) - Number(b.ts));

const drafts = new Map();
export const draftOf = (key) => drafts.get(key) ?? "";
export const storeDraft = (key, text) => (text ? drafts.set(key, text) : drafts.delete(key));
