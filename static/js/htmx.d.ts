// The parts of htmx 4 and of its extension hx-upsert that the modules use.

/** One change that a swap makes; `style` is "upsert" if it adds or replaces single rows of its target. */
interface SwapTask {
  target: Element | string | null;
  fragment: DocumentFragment;
  swapSpec: { style: string };
}

interface DocumentEventMap {
  "htmx:before:swap": CustomEvent<{ tasks: SwapTask[] }>;
  "htmx:after:swap": CustomEvent;
  "htmx:error": CustomEvent<{ ctx: { sourceElement: Element } }>;
  /** The connection for live updates has another state. */
  "live:state": Event;
  /** Sent by Daybook's server: a heartbeat. */
  beat: CustomEvent<{ data: string }>;
}

declare const htmx: {
  swap(context: { text: string; swap: string; sourceElement: Element; target: Element }): Promise<void>;
};
