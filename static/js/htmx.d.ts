// The parts of htmx 4 and of its extensions hx-sse and hx-upsert that the modules use.

/** One change that a swap makes; `style` is "upsert" if it adds or replaces single rows of its target. */
interface SwapTask {
  target: Element | string | null;
  fragment: DocumentFragment;
  swapSpec: { style: string };
}

interface StreamConnection {
  reader: ReadableStreamDefaultReader | null;
  /** Ends the wait before the next try to connect. */
  delayCanceller: (() => void) | null;
}

interface DocumentEventMap {
  "htmx:before:swap": CustomEvent<{ tasks: SwapTask[] }>;
  "htmx:after:swap": CustomEvent;
  "htmx:error": CustomEvent<{ ctx: { sourceElement: Element } }>;
  "htmx:sse:before:connection": CustomEvent<{ connection: StreamConnection }>;
  "htmx:sse:after:connection": CustomEvent<{ connection: StreamConnection }>;
  "htmx:sse:before:message": CustomEvent;
  "htmx:sse:error": CustomEvent;
  "htmx:sse:close": CustomEvent;
  /** Sent by Daybook's server: a heartbeat. */
  beat: CustomEvent<{ data: string }>;
}

declare const htmx: {
  swap(context: { text: string; swap: string; sourceElement: Element; target: Element }): Promise<void>;
};
