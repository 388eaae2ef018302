// @ts-check
// A window that cannot share a stream has its own. A browser has six connections to a server: five windows
// take one each, the others ask from time to time.

import { follow } from "./stream.js";
import * as view from "./view.js";

const PLACES = [1, 2, 3, 4, 5].map((number) => `daybook stream ${number}`);
const TICK = 1000; // ms
const LEFT = 3000; // ms after which a place that was not confirmed is free
const POLL = 2; // ticks between two questions

const self = `${Date.now()} ${Math.random()}`;

/** @type {import("./stream.js").Stream | null} */
let stream = null;
let timer = 0;
let ticks = 0;

export function join() {
  view.join();
  timer = setInterval(tick, TICK);
  ticks = 0;
  tick();
}

export function leave() {
  clearInterval(timer);
  stop();
  view.leave();
  const place = find(self);
  if (place) localStorage.removeItem(place);
}

export function renew() {
  stream?.renew();
}

function tick() {
  if (hasPlace()) {
    stream ??= follow(view.position(), { topics: () => view.topics, onOpen, onLost, onNews });
    return;
  }
  stop();
  if (ticks % POLL === 0) void view.poll();
  ticks += 1;
}

function stop() {
  stream?.stop();
  stream = null;
}

function onOpen() {
  view.setOpen(true);
}

function onLost() {
  view.setOpen(false);
}

/** @param {import("./stream.js").News} news */
function onNews(news) {
  return view.receive(news, true);
}

/** Takes or confirms a place. Of two windows that took one at once, the first notices, and takes another. */
function hasPlace() {
  const place = find(self) ?? find("");
  if (place) localStorage.setItem(place, JSON.stringify({ window: self, at: Date.now() }));
  return place !== undefined;
}

/**
 * The place of a window, or a free one for "".
 * @param {string} owner
 */
function find(owner) {
  try {
    return PLACES.find((place) => ownerOf(place) === owner);
  } catch {
    return undefined; // the browser stores nothing for this page: there may be any number of windows
  }
}

/** @param {string} place */
function ownerOf(place) {
  const { window, at } = JSON.parse(localStorage.getItem(place) ?? "{}");
  return Date.now() - at < LEFT ? window : "";
}
