// @ts-check
// The visible windows of a browser share one stream. A lock decides which window leads: it has the stream,
// with the topics of all of them, and passes on what comes. Each window says what it wants in the name of
// another lock, which the browser removes when the window closes or crashes.

import { get } from "../page.js";
import { follow } from "./stream.js";
import * as view from "./view.js";

/** @typedef {import("./stream.js").News} News */

/**
 * The newest leader has the highest term. Without events, news say that it leads, how far it is, and what
 * it serves.
 * @typedef {News & { term: number, isOpen: boolean }} SharedNews
 */

// Windows of another release have another group: their pages may not understand each other.
const GROUP = `daybook ${new URL("..", import.meta.url).pathname}`;
const LEADER = `${GROUP} leads`;
const WANTS = `${GROUP} wants `;
const HELLO = "hello";
const TICK = 200; // ms
const SILENCE = 500; // ms after which a leader counts as frozen
const SPREAD = 100; // ms of SILENCE that windows differ by, so that one of them takes over
const POLL = 2000; // ms between two questions of a window that the leader does not serve
const UNUSED = 10_000; // ms that a stream keeps topics which no window wants any more

const silence = SILENCE + SPREAD * Math.random();

/** @type {BroadcastChannel | null} */
let channel = null;
let presence = new AbortController();
let candidacy = new AbortController();
/** @type {import("./stream.js").Stream | null} */
let stream = null; // of this window, if it leads
let term = 0;
let heard = 0; // when the leader was last heard
let ticked = 0;
let polled = 0;
let timer = 0;
/** @type {string[]} */
let asked = []; // the topics of the newest connection
/** @type {string[]} */
let served = []; // those of the newest open one, of whichever window leads
let askedAt = 0;
let isOpen = false;
let goAlone = () => {};

/** @param {() => void} otherwise Called if the browser or the server does not allow it. */
export function join(otherwise) {
  goAlone = otherwise;
  presence = new AbortController();
  view.join();
  channel = new BroadcastChannel(GROUP);
  channel.addEventListener("message", onMessage);
  heard = ticked = polled = Date.now();
  timer = setInterval(tick, TICK);
  hold(WANTS + view.topics.join(","), presence.signal).catch(goAlone);
  void takeLead(false);
  channel.postMessage(HELLO);
}

export function leave() {
  presence.abort();
  candidacy.abort();
  channel?.close();
  channel = null;
  clearInterval(timer);
  view.leave();
}

export function renew() {
  stream?.renew();
}

/**
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function hold(name, signal) {
  await navigator.locks.request(name, { mode: "shared" }, () => ended(signal));
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function ended(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}

/**
 * Leads as soon as no other window does.
 * @param {boolean} steal Leads at once: the other one is frozen.
 */
async function takeLead(steal) {
  candidacy.abort();
  const own = (candidacy = new AbortController());
  try {
    const options = steal ? { steal } : { signal: own.signal };
    await navigator.locks.request(LEADER, options, () => lead(own.signal));
  } catch (error) {
    if (own.signal.aborted || !(error instanceof DOMException) || error.name !== "AbortError") return;
    own.abort(); // another window found this one frozen, and has taken over
    void takeLead(false);
  }
}

/** @param {AbortSignal} signal */
async function lead(signal) {
  if (signal.aborted) return;
  term = Math.max(term + 1, Date.now());
  isOpen = view.state() === "open";
  asked = await wanted();
  const own = (stream = follow(view.position(), { topics, onOpen, onLost, onNews }));
  tell();
  await ended(signal);
  own.stop();
  if (stream === own) stream = null;
}

function topics() {
  askedAt = Date.now();
  return asked;
}

/** @param {string[]} topics */
function onOpen(topics) {
  served = topics;
  isOpen = true;
  tell();
}

/** @param {boolean} isRefused */
function onLost(isRefused) {
  if (isRefused) return goAlone();
  isOpen = false;
  tell();
}

/** @param {News} news */
async function onNews(news) {
  channel?.postMessage({ ...news, term, isOpen });
  await view.receive(news, isOpen);
}

/** That this window leads, and how far it is. */
function tell() {
  if (!stream) return;
  const at = stream.position();
  const news = { topics: served, from: at, to: at, events: [] };
  channel?.postMessage({ ...news, term, isOpen });
  void view.receive(news, isOpen);
}

/** @param {MessageEvent<SharedNews | "hello">} event */
function onMessage(event) {
  const news = event.data;
  if (news === HELLO) return void (stream && serve());
  if (news.term < term) return;
  term = news.term;
  served = news.topics;
  heard = Date.now();
  void view.receive(news, news.isOpen);
}

function tick() {
  const now = Date.now();
  const wasFrozen = now - ticked > 2 * TICK;
  ticked = now;
  if (wasFrozen) heard = now;
  if (stream) return void serve();
  if (now - heard > silence) {
    heard = now;
    void takeLead(true);
  }
  if (view.isServedBy(served)) polled = now;
  if (now - polled < POLL) return;
  polled = now;
  void view.poll();
}

async function serve() {
  tell();
  const all = await wanted();
  const isMissing = all.some((topic) => !asked.includes(topic));
  const isLess = all.length < asked.length && Date.now() - askedAt > UNUSED;
  if (!isMissing && !isLess) return;
  asked = all;
  stream?.change();
}

/** The topics of all windows: this one's, and of the others as many as the server takes. */
async function wanted() {
  const most = Number(get("live").dataset.mostTopics);
  const { held = [] } = await navigator.locks.query();
  const names = held.map(({ name = "" }) => name).filter((name) => name.startsWith(WANTS));
  return names.reduce((all, name) => {
    const more = new Set([...all, ...name.slice(WANTS.length).split(",")]);
    return more.size > most ? all : [...more];
  }, view.topics);
}
