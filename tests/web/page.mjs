// What a page does: bundled, and run by a browser.
import { calls, typesOf } from "./calls.mjs";
import { grpcWebCalls } from "./grpc_web.mjs";
import { TRANSPORTS } from "./transports.mjs";

const types = fetch("library.binpb").then(async (found) => typesOf(new Uint8Array(await found.arrayBuffer())));

window.calls = async (baseUrl, name, steps) => {
  const registry = await types;
  return calls(steps, TRANSPORTS[name](baseUrl, { registry }), registry);
};

window.grpcWebCalls = async (baseUrl, format) => grpcWebCalls(baseUrl, await types, format);

/** The events of a stream, to its end and the answer to the browser's coming back. */
window.events = (url) =>
  new Promise((resolve) => {
    const seen = [];
    const source = new EventSource(url);
    for (const kind of ["message", "end"]) {
      source.addEventListener(kind, (event) => seen.push([kind, event.lastEventId, JSON.parse(event.data)]));
    }
    source.addEventListener("error", (event) => {
      if (event.data) seen.push(["error", event.lastEventId, JSON.parse(event.data)]);
      if (source.readyState === EventSource.CLOSED) resolve(seen);
    });
  });

/** What a WebSocket hears, one answer a message sent, and how it closes. */
window.socket = (url, messages) =>
  new Promise((resolve) => {
    const heard = [];
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send(messages.shift() ?? "");
    socket.onmessage = (event) => {
      heard.push(JSON.parse(event.data));
      if (socket.readyState === WebSocket.OPEN) socket.send(messages.shift() ?? "");
    };
    socket.onclose = (event) => resolve({ heard, code: event.code });
  });
