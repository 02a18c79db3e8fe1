// Loads the workspace, applies the events of the stream, and moves the person from place to place.
import { get, openStream, post } from "./api.js";
import { emit, sortedByTime, messageKey, state } from "./state.js";

let stopStream = () => {};

/** Opens the stream before it reads the workspace, so that no event is lost between them. */
export async function actAs(as) {
  stopStream();
  Object.assign(state, { as, messages: new Map(), threads: new Map(), views: [], home: null });
  if (!as) await loadWorkspace();
  const early = [];
  let ready = false;
  await new Promise((opened) => {
    const up = (again) => {
      setConnected(true);
      opened();
      if (again || ready) catchUp();
    };
    const down = () => {
      setConnected(false);
      opened();
    };
    stopStream = openStream(state.as, { event: (event) => (ready ? applyEvent(event) : early.push(event)), up, down });
  });
  await loadWorkspace();
  await loadViews();
  ready = true;
  early.forEach(applyEvent);
}

async function loadWorkspace() {
  const answer = await get("/ui/boot", state.as ? { as: state.as } : {});
  if (answer.ok === false) return setConnected(false);
  const { team, me, people, channels, app, commands, shortcuts, settings } = answer;
  Object.assign(state, { team, me, app, commands, shortcuts, settings, as: me.id });
  state.people = byId(people);
  state.channels = byId(channels);
  emit("people");
  emit("channels");
  emit("settings");
}

const byId = (list) => new Map(list.map((one) => [one.id, one]));

function setConnected(up) {
  state.connected = up;
  emit("connection");
}

/** After a gap in the stream, everything on screen is read again. */
async function catchUp() {
  state.messages = new Map();
  state.threads = new Map();
  await loadWorkspace();
  await Promise.all([loadPlace(), loadViews()]);
}

async function loadViews() {
  const answer = await get("/ui/views", { as: state.as });
  if (answer.views) setViews(answer.views);
}

function setViews(list) {
  state.views = list;
  emit("views");
}

/** Goes to a channel, a thread in it, or the app's Home. */
export async function goTo(place, { replace = false } = {}) {
  const moved = place.channel !== state.place.channel || Boolean(place.home) !== state.place.home;
  state.place = { channel: place.channel ?? null, thread: place.thread ?? null, home: Boolean(place.home) };
  if (moved) state.newFrom = null;
  history[replace ? "replaceState" : "pushState"](null, "", addressOf());
  emit("place", { moved });
  await loadPlace(moved);
}

/** The address that opens this very place again. */
export function addressOf(place = state.place) {
  const query = new URLSearchParams({ as: state.as });
  if (place.channel) query.set("channel", place.channel);
  if (place.thread) query.set("thread", place.thread);
  if (place.home) query.set("tab", "home");
  return `?${query}`;
}

export function placeFromAddress() {
  const query = new URLSearchParams(location.search);
  return {
    as: query.get("as"),
    channel: query.get("channel"),
    thread: query.get("thread"),
    home: query.get("tab") === "home",
  };
}

async function loadPlace(moved = false) {
  const { channel, thread, home } = state.place;
  const parts = [];
  if (home) parts.push(openHome());
  else if (channel) parts.push(openChannel(channel, moved));
  if (channel && thread) parts.push(openThread(channel, thread));
  await Promise.all(parts);
}

async function openHome() {
  const { view } = await get("/ui/home", { as: state.as });
  if (view !== undefined) state.home = view ?? state.home;
  emit("home");
}

async function openChannel(id, moved) {
  const [answer, meanwhile] = await fetchWithArrivals(id, get(`/ui/channel/${id}`, { as: state.as }));
  if (answer.ok === false || id !== state.place.channel) return;
  const unread = state.channels.get(id)?.unread ?? 0;
  if (answer.channel) state.channels.set(id, { ...answer.channel, unread: answer.channel.unread ?? unread });
  const local = sortedByTime(state.messages.get(id)).filter((message) => message.is_local);
  state.messages.set(id, byKey([...answer.messages, ...local, ...meanwhile]));
  if (moved) state.newFrom = firstUnread(answer.messages, Math.max(unread, answer.channel?.unread ?? 0));
  emit("messages", { channel: id, fresh: moved });
  await markRead(id);
}

const arrivals = new Map();

/** The answer, and the messages of that list that the stream brought meanwhile. */
async function fetchWithArrivals(key, request) {
  const meanwhile = [];
  arrivals.set(key, meanwhile);
  const answer = await request;
  if (arrivals.get(key) === meanwhile) arrivals.delete(key);
  return [answer, meanwhile];
}

const byKey = (list) => new Map(list.map((message) => [messageKey(message), message]));

/** The ts below the "New" line; a conversation that nobody has opened yet has none, and opens at its end. */
function firstUnread(messages, count) {
  const others = messages.filter((message) => !message.is_ephemeral && message.user !== state.as);
  return count > 0 && count < others.length ? others.at(-count).ts : null;
}

async function openThread(channel, ts) {
  const key = `${channel}:${ts}`;
  const [answer, meanwhile] = await fetchWithArrivals(key, get(`/ui/thread/${channel}/${ts}`, { as: state.as }));
  if (!answer.messages) return;
  const local = sortedByTime(state.threads.get(key)).filter((message) => message.is_local);
  state.threads.set(key, byKey([...answer.messages, ...local, ...meanwhile]));
  emit("thread", { key });
}

/** A conversation on screen counts as read. */
export async function markRead(id) {
  if (document.hidden || id !== state.place.channel || state.place.home) return;
  const channel = state.channels.get(id);
  if (channel?.unread) {
    channel.unread = 0;
    emit("channels");
  }
  await post("/ui/read", { as: state.as, channel: id });
}

export async function openDirect(user) {
  const { channel } = await post("/ui/dm", { as: state.as, user });
  const id = channel?.id ?? channel;
  if (!id) return;
  if (channel.id) state.channels.set(id, { ...state.channels.get(id), ...channel });
  emit("channels");
  await goTo({ channel: id });
}

export async function joinChannel(channel) {
  await post("/ui/join", { as: state.as, channel });
  await openChannel(channel, false);
  emit("channels");
}

/** A message of Slackbot that only this window shows. */
export function showLocalMessage(channel, text, thread = null) {
  const ts = `${(Date.now() / 1000).toFixed(6)}`;
  putMessage(channel, {
    ts,
    user: "USLACKBOT",
    text,
    is_ephemeral: true,
    is_local: true,
    ...(thread && { thread_ts: thread }),
  });
}

const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;

/** Stores a new or changed message in its channel and its thread. */
function putMessage(channel, message) {
  const root = message.thread_ts ?? message.ts;
  const thread = state.threads.get(`${channel}:${root}`);
  const inChannel = !isReply(message) || message.subtype === "thread_broadcast";
  arrivals.get(`${channel}:${root}`)?.push(message);
  if (inChannel) arrivals.get(channel)?.push(message);
  if (thread) thread.set(messageKey(message), message);
  const list = state.messages.get(channel);
  if (list && inChannel) list.set(messageKey(message), message);
  if (thread) emit("thread", { key: `${channel}:${root}`, message });
  if (list) emit("messages", { channel, message });
}

function dropMessage(channel, key) {
  state.messages.get(channel)?.delete(key);
  for (const [name, thread] of state.threads)
    if (name.startsWith(`${channel}:`) && thread.delete(key)) emit("thread", { key: name });
  emit("messages", { channel });
}

/** A new message in the open conversation is read at once. */
function countUnread(id, message) {
  const one = state.channels.get(id);
  if (id === state.place.channel && !state.place.home && !document.hidden) return markRead(id);
  if (!one || one.is_member === false || Number(message.ts) <= Number(one.latest ?? 0)) return;
  one.latest = message.ts;
  if (message.user === state.as && !message.bot_id) return;
  one.unread = (one.unread ?? 0) + 1;
  emit("channels");
}

const EVENT_HANDLERS = {
  message: ({ channel, message }) => {
    putMessage(channel, message);
    if (!isReply(message)) countUnread(channel, message);
    emit("arrived", { channel, message });
  },
  message_changed: ({ channel, message }) => putMessage(channel, message),
  message_deleted: ({ channel, ts }) => dropMessage(channel, ts),
  ephemeral: ({ channel, message }) => {
    putMessage(channel, { ...message, is_ephemeral: true });
    emit("arrived", { channel, message });
  },
  ephemeral_deleted: ({ channel, ts }) => dropMessage(channel, `e${ts}`),
  views: ({ views: list }) => setViews(list),
  home: ({ view }) => {
    state.home = view;
    emit("home");
  },
  channel: ({ channel }) => {
    state.channels.set(channel.id, { ...state.channels.get(channel.id), ...channel });
    emit("channels");
  },
  people: ({ people }) => {
    state.people = byId(people);
    state.me = state.people.get(state.as) ?? state.me;
    emit("people");
  },
  settings: ({ settings }) => {
    state.settings = settings;
    emit("settings");
  },
  traffic: ({ entry }) => emit("traffic", entry),
};

const applyEvent = (event) => EVENT_HANDLERS[event.type]?.(event);
