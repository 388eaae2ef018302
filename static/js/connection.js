// @ts-check
// The stream of live updates. htmx connects again by itself, but does not notice a connection that is half
// open, that is, one that the server or the network has dropped without closing it.

import { find } from "./page.js";

const BEATS = 2.5; // after this many heartbeats without a message the connection counts as lost
const SOCKETS = 6; // how many connections a browser keeps open to one server
const PATIENCE = 2000; // ms to wait for an answer on one of them
const overdue = BEATS * 1000 * Number(find("live")?.dataset.beatSeconds);

/** @type {StreamConnection | null} */
let connection = null;
let open = false;
let heard = Date.now();

/** @returns {"open" | "connecting" | "reconnecting" | "offline" | "none"} */
export function state() {
  if (!find("live")) return "none";
  if (open) return "open";
  if (!navigator.onLine) return "offline";
  return connection ? "reconnecting" : "connecting";
}

/** @param {DocumentEventMap["htmx:sse:after:connection"]} event */
export function onOpen(event) {
  connection = event.detail.connection;
  onMessage();
}

export function onMessage() {
  open = true;
  heard = Date.now();
}

export function onLost() {
  open = false;
}

export function onVisibility() {
  if (document.hidden) onLost(); // htmx drops the stream of a hidden page
}

export function reconnect() {
  heard = Date.now();
  onLost();
  dropIdleSockets();
  connection?.reader?.cancel();
  connection?.delayCanceller?.();
}

/** The browser's idle sockets have failed like the stream's, and htmx would try one after the other. */
function dropIdleSockets() {
  for (let socket = 0; socket < SOCKETS; socket += 1) {
    fetch("/health/live", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) }).catch(() => {});
  }
}

export function check() {
  if (open && !document.hidden && Date.now() - heard > overdue) reconnect();
}
