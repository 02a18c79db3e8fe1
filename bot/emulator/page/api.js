// The local workspace over HTTP: JSON, and the live stream that reconnects by itself.

/** @returns {Promise<any>} the answer; a lost connection is an answer too, `{ok: false, error: "no_connection"}` */
async function call(path, options) {
  try {
    const response = await fetch(path, options);
    return await response.json();
  } catch {
    return { ok: false, error: "no_connection" };
  }
}

export const get = (path, params = {}) => call(`${path}?${new URLSearchParams(params)}`);

export const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** @param {Record<string, any>} fields a File or text per field; empty ones are left out */
export function upload(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  return call("/ui/upload", { method: "POST", body: form });
}

const RECONNECT_DELAYS_MS = [300, 600, 1200, 2500, 5000];

/**
 * Listens for one person until stopped.
 * @param {string} as
 * @param {{event: (event: any) => void, up: (again: boolean) => void, down: () => void}} handlers
 * @returns {() => void} stops it
 */
export function openStream(as, handlers) {
  let socket = null,
    timer = null,
    tries = 0,
    stopped = false,
    wasOpen = false;
  const open = () => {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ui/stream?as=${encodeURIComponent(as)}`);
    socket.onopen = () => {
      tries = 0;
      handlers.up(wasOpen);
      wasOpen = true;
    };
    socket.onmessage = (message) => handlers.event(JSON.parse(message.data));
    socket.onclose = () => {
      if (stopped) return;
      handlers.down();
      timer = setTimeout(open, RECONNECT_DELAYS_MS[Math.min(tries++, RECONNECT_DELAYS_MS.length - 1)]);
    };
  };
  open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket.close();
  };
}
