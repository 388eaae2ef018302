// @ts-check
// A connection for live updates, which is made again whenever it breaks.

import { get } from "../page.js";
import { areWhole, batches } from "./events.js";

/** @typedef {import("./events.js").LiveEvent} LiveEvent */

/**
 * What happened on `topics` after position `from` and up to `to`.
 * @typedef {{ topics: string[], from: number, to: number, events: LiveEvent[] }} News
 */

/**
 * `topics` are asked for on each connection. `isRefused`: the server does not take these topics.
 * @typedef {object} Receiver
 * @property {() => string[]} topics
 * @property {(topics: string[]) => void} onOpen
 * @property {(isRefused: boolean) => void} onLost
 * @property {(news: News) => Promise<void>} onNews
 */

/** @typedef {ReturnType<typeof follow>} Stream */

const CONNECTING = 8000; // ms until an answer has to come
const FIRST_PAUSE = 500; // ms
const LONGEST_PAUSE = 4000; // ms
const BEATS = 2.5; // after this many heartbeats without a message the connection counts as lost
const SOCKETS = 6; // how many connections a browser keeps open to one server
const PATIENCE = 2000; // ms to wait for an answer on one of them

class Refusal extends Error {
  /** @param {number} status */
  constructor(status) {
    super();
    this.isFinal = status === 400;
  }
}

/**
 * Firefox would let a request wait for another one of the same address, if it might be kept in the cache.
 * @param {string[]} topics
 * @param {number} seen
 * @param {AbortSignal} signal
 * @param {boolean} once Whether the answer ends after what was missed.
 */
export async function ask(topics, seen, signal, once) {
  const query = new URLSearchParams({ topics: topics.join(","), after: String(seen) });
  if (once) query.set("once", "1");
  const response = await fetch(`/live?${query}`, { cache: "no-store", signal });
  if (!response.ok || !response.body) throw new Refusal(response.status);
  return batches(response.body);
}

/**
 * @param {number} seen The stream begins after this position.
 * @param {Receiver} receiver
 */
export function follow(seen, receiver) {
  const overdue = BEATS * 1000 * Number(get("live").dataset.beatSeconds);
  const timer = setInterval(check, 1000);
  let connection = new AbortController();
  let isStopped = false;
  let isPlanned = false; // whether this connection was ended for a new one
  let failures = 0;
  let heard = 0; // when the open connection had its last message; 0 if none is open
  let endPause = () => {};

  async function run() {
    while (!isStopped) {
      const error = await connect();
      if (isStopped || isPlanned) continue;
      receiver.onLost(error instanceof Refusal && error.isFinal);
      await pause();
    }
  }

  /**
   * Until the connection is over.
   * @returns {Promise<unknown>} Why; nothing if the server ended it.
   */
  async function connect() {
    connection = new AbortController();
    isPlanned = false;
    const patience = setTimeout(() => connection.abort(), CONNECTING);
    const topics = receiver.topics();
    try {
      const answer = await ask(topics, seen, connection.signal, false);
      clearTimeout(patience);
      receiver.onOpen(topics);
      heard = Date.now();
      failures = 0;
      for await (const batch of answer) await pass(topics, batch);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      clearTimeout(patience);
      heard = 0;
    }
  }

  /**
   * @param {string[]} topics
   * @param {import("./events.js").Batch} batch
   */
  async function pass(topics, { events, to }) {
    heard = Date.now();
    const from = seen;
    seen = to === null ? seen : areWhole(events) ? to : Math.max(seen, to);
    await receiver.onNews({ topics, from, to: seen, events });
  }

  /** @returns {Promise<void>} */
  function pause() {
    const length = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures) * (0.7 + 0.6 * Math.random());
    failures += 1;
    return new Promise((resolve) => {
      endPause = resolve;
      setTimeout(resolve, length);
    });
  }

  /** A connection may be half open: the server or the network has dropped it without closing it. */
  function check() {
    if (heard && Date.now() - heard > overdue) renew();
  }

  function renew() {
    dropIdleSockets();
    connection.abort();
    endPause();
  }

  /** Connects at once, with other topics. */
  function change() {
    isPlanned = true;
    connection.abort();
    endPause();
  }

  function stop() {
    isStopped = true;
    clearInterval(timer);
    connection.abort();
    endPause();
  }

  void run();
  return { change, renew, stop, position: () => seen };
}

/** The browser's idle sockets have failed like the stream's, and it would try one after the other. */
function dropIdleSockets() {
  for (let socket = 0; socket < SOCKETS; socket += 1) {
    fetch("/health/live", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) }).catch(() => {});
  }
}
