// @ts-check
// Server-sent events, as web/live/sse.py writes them: lines end with "\n". The field `topic` is our own.

/**
 * `topic` is "" for what concerns every page: heartbeats, and `resync`, after which regions come whole.
 * @typedef {{ name: string, topic: string, data: string }} LiveEvent
 */

/**
 * Everything up to position `to`; null for a heartbeat without a position.
 * @typedef {{ events: LiveEvent[], to: number | null }} Batch
 */

/**
 * A batch is complete: of one that was cut off nothing comes.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<Batch>}
 */
export async function* batches(body) {
  /** @type {LiveEvent[]} */
  let events = [];
  for await (const block of blocks(body)) {
    const { event, position } = parsed(block);
    const isBeat = event.name === "beat" && position === null;
    if (!isBeat) events.push(event);
    if (isBeat) yield { events: [event], to: null };
    if (position === null) continue;
    yield { events, to: position };
    events = [];
  }
}

/** @param {LiveEvent[]} events */
export function areWhole(events) {
  return events.some((event) => event.name === "resync");
}

/** @param {ReadableStream<Uint8Array>} body */
async function* blocks(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const found = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = found.pop() ?? "";
    yield* found;
  }
}

/** @param {string} block */
function parsed(block) {
  const event = { name: "message", topic: "", data: "" };
  const data = [];
  /** @type {number | null} */
  let position = null;
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    const value = line.slice(colon + 2);
    switch (line.slice(0, colon)) {
      case "event":
        event.name = value;
        break;
      case "topic":
        event.topic = value;
        break;
      case "data":
        data.push(value);
        break;
      case "id":
        position = Number(value);
        break;
    }
  }
  return { event: { ...event, data: data.join("\n") }, position };
}
