// Loads the workspace, follows the stream, and moves the person from place to place.
import { get, listen, post } from "./api.js";
import { emit, inOrder, keyOf, state } from "./state.js";

let stop = () => {};

/** Begins as one person: first the stream, then everything is read, so that nothing falls between. */
export async function begin(as) {
  stop();
  Object.assign(state, { as, messages: new Map(), threads: new Map(), views: [], home: null });
  if (!as) await boot();
  const early = [];
  let ready = false;
  await new Promise((opened) => {
    const up = (again) => {
      connection(true);
      opened();
      if (again || ready) catchUp();
    };
    const down = () => {
      connection(false);
      opened();
    };
    stop = listen(state.as, { event: (event) => (ready ? hear(event) : early.push(event)), up, down });
  });
  await boot();
  await views();
  ready = true;
  early.forEach(hear);
}

async function boot() {
  const answer = await get("/ui/boot", state.as ? { as: state.as } : {});
  if (answer.ok === false) return connection(false);
  const { team, me, people, channels, app, commands, shortcuts, settings } = answer;
  Object.assign(state, { team, me, app, commands, shortcuts, settings, as: me.id });
  state.people = byId(people);
  state.channels = byId(channels);
  emit("people");
  emit("channels");
  emit("settings");
}

const byId = (list) => new Map(list.map((one) => [one.id, one]));

function connection(up) {
  state.connected = up;
  emit("connection");
}

/** After a gap the stream is not enough: what is on screen is read again. */
async function catchUp() {
  state.messages = new Map();
  state.threads = new Map();
  await boot();
  await Promise.all([load(), views()]);
}

async function views() {
  const answer = await get("/ui/views", { as: state.as });
  if (answer.views) show(answer.views);
}

function show(list) {
  state.views = list;
  emit("views");
}

/** Goes to a channel, a thread in it, or the app's Home. */
export async function go(place, { replace = false } = {}) {
  const moved = place.channel !== state.place.channel || Boolean(place.home) !== state.place.home;
  state.place = { channel: place.channel ?? null, thread: place.thread ?? null, home: Boolean(place.home) };
  if (moved) state.newFrom = null;
  history[replace ? "replaceState" : "pushState"](null, "", address());
  emit("place", { moved });
  await load(moved);
}

/** The address that opens this very place again. */
export function address(place = state.place) {
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

async function load(moved = false) {
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
  const [answer, meanwhile] = await reading(id, get(`/ui/channel/${id}`, { as: state.as }));
  if (answer.ok === false || id !== state.place.channel) return;
  const unread = state.channels.get(id)?.unread ?? 0;
  if (answer.channel) state.channels.set(id, { ...answer.channel, unread: answer.channel.unread ?? unread });
  const local = inOrder(state.messages.get(id)).filter((message) => message.is_local);
  state.messages.set(id, keyed([...answer.messages, ...local, ...meanwhile]));
  if (moved) state.newFrom = firstUnread(answer.messages, Math.max(unread, answer.channel?.unread ?? 0));
  emit("messages", { channel: id, fresh: moved });
  await read(id);
}

const arriving = new Map();

/** An answer, and what the stream brought for that list while it was on its way. */
async function reading(key, asked) {
  const meanwhile = [];
  arriving.set(key, meanwhile);
  const answer = await asked;
  if (arriving.get(key) === meanwhile) arriving.delete(key);
  return [answer, meanwhile];
}

const keyed = (list) => new Map(list.map((message) => [keyOf(message), message]));

/** Where the "New" line stands; a conversation that was never looked at has none, and opens at its end. */
function firstUnread(messages, count) {
  const others = messages.filter((message) => !message.is_ephemeral && message.user !== state.as);
  return count > 0 && count < others.length ? others.at(-count).ts : null;
}

async function openThread(channel, ts) {
  const key = `${channel}:${ts}`;
  const [answer, meanwhile] = await reading(key, get(`/ui/thread/${channel}/${ts}`, { as: state.as }));
  if (!answer.messages) return;
  const local = inOrder(state.threads.get(key)).filter((message) => message.is_local);
  state.threads.set(key, keyed([...answer.messages, ...local, ...meanwhile]));
  emit("thread", { key });
}

/** A conversation on screen counts as read. */
export async function read(id) {
  if (document.hidden || id !== state.place.channel || state.place.home) return;
  const channel = state.channels.get(id);
  if (channel?.unread) {
    channel.unread = 0;
    emit("channels");
  }
  await post("/ui/read", { as: state.as, channel: id });
}

/** Opens the direct conversation with somebody. */
export async function goDirect(user) {
  const { channel } = await post("/ui/dm", { as: state.as, user });
  const id = channel?.id ?? channel;
  if (!id) return;
  if (channel.id) state.channels.set(id, { ...state.channels.get(id), ...channel });
  emit("channels");
  await go({ channel: id });
}

/** Joins a public channel. */
export async function join(channel) {
  await post("/ui/join", { as: state.as, channel });
  await openChannel(channel, false);
  emit("channels");
}

/** A line only this window shows, in the manner of Slackbot. */
export function whisper(channel, text, thread = null) {
  const ts = `${(Date.now() / 1000).toFixed(6)}`;
  put(channel, {
    ts,
    user: "USLACKBOT",
    text,
    is_ephemeral: true,
    is_local: true,
    ...(thread && { thread_ts: thread }),
  });
}

const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;

/** Places a message, new or changed, wherever it shows. */
function put(channel, message) {
  const root = message.thread_ts ?? message.ts;
  const thread = state.threads.get(`${channel}:${root}`);
  const inChannel = !isReply(message) || message.subtype === "thread_broadcast";
  arriving.get(`${channel}:${root}`)?.push(message);
  if (inChannel) arriving.get(channel)?.push(message);
  if (thread) thread.set(keyOf(message), message);
  const list = state.messages.get(channel);
  if (list && inChannel) list.set(keyOf(message), message);
  if (thread) emit("thread", { key: `${channel}:${root}`, message });
  if (list) emit("messages", { channel, message });
}

function drop(channel, key) {
  state.messages.get(channel)?.delete(key);
  for (const [name, thread] of state.threads)
    if (name.startsWith(`${channel}:`) && thread.delete(key)) emit("thread", { key: name });
  emit("messages", { channel });
}

/** A new message is read at once where the person looks, and counted where she does not. */
function count(id, message) {
  const one = state.channels.get(id);
  if (id === state.place.channel && !state.place.home && !document.hidden) return read(id);
  if (!one || one.is_member === false || Number(message.ts) <= Number(one.latest ?? 0)) return;
  one.latest = message.ts;
  if (message.user === state.as && !message.bot_id) return;
  one.unread = (one.unread ?? 0) + 1;
  emit("channels");
}

const HEARD = {
  message: ({ channel, message }) => {
    put(channel, message);
    if (!isReply(message)) count(channel, message);
    emit("arrived", { channel, message });
  },
  message_changed: ({ channel, message }) => put(channel, message),
  message_deleted: ({ channel, ts }) => drop(channel, ts),
  ephemeral: ({ channel, message }) => {
    put(channel, { ...message, is_ephemeral: true });
    emit("arrived", { channel, message });
  },
  ephemeral_deleted: ({ channel, ts }) => drop(channel, `e${ts}`),
  views: ({ views: list }) => show(list),
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

const hear = (event) => HEARD[event.type]?.(event);
