import { refreshSession } from "@/api/client";
import { getToken, renewTokenIn } from "@/api/token";
import type { LiveEvent } from "@/api/types";
import { backoff, LOUD_TYPES, QUIET_TYPES, readMessage, SeenIds } from "./protocol";

export type LiveState = "connecting" | "live" | "down";

interface Options {
  onState: (state: LiveState) => void;
  onEvents: (events: LiveEvent[]) => void;
  /** What is on the screen may be old: load it again. */
  onResync: () => void;
}

const FLUSH_MS = 250;
const QUEUE_LIMIT = 2000;

/** The live line: one WebSocket that reconnects by itself and resumes where it stopped. */
export class LiveSocket {
  private socket: WebSocket | null = null;
  private cursor: string | null = null;
  private attempt = 0;
  private closed = false;
  private ready = false;
  private loud = false;
  private retryTimer: number | undefined;
  private renewTimer: number | undefined;
  private flushTimer: number | undefined;
  private lastFlush = Number.NEGATIVE_INFINITY;
  private queue: LiveEvent[] = [];
  private readonly seen = new SeenIds();

  constructor(private readonly options: Options) {}

  start(): void {
    this.closed = false;
    window.addEventListener("online", this.reconnectNow);
    document.addEventListener("visibilitychange", this.onVisible);
    this.open();
  }

  stop(): void {
    this.closed = true;
    window.removeEventListener("online", this.reconnectNow);
    document.removeEventListener("visibilitychange", this.onVisible);
    window.clearTimeout(this.retryTimer);
    window.clearTimeout(this.renewTimer);
    window.clearTimeout(this.flushTimer);
    this.drop();
  }

  /** Asks for progress and log lines too, or for no more of them. */
  setLoud(on: boolean): void {
    if (this.loud === on) return;
    this.loud = on;
    if (this.ready) this.subscribe();
  }

  private subscribe(): void {
    this.socket?.send(JSON.stringify({ type: "subscribe", types: this.loud ? [...QUIET_TYPES, ...LOUD_TYPES] : QUIET_TYPES }));
  }

  readonly reconnectNow = (): void => {
    if (this.closed || this.socket?.readyState === WebSocket.OPEN) return;
    window.clearTimeout(this.retryTimer);
    this.attempt = 0;
    this.open();
  };

  private readonly onVisible = (): void => {
    if (document.visibilityState !== "visible") return;
    this.scheduleFlush();
    this.reconnectNow();
  };

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close(1000);
  }

  private open(): void {
    this.ready = false;
    const token = getToken();
    this.drop();
    if (!token) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/v1/ws`);
    this.socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "authenticate", token, ...(this.cursor ? { since: this.cursor } : {}) }));
    };
    socket.onmessage = (message) => this.receive(message.data);
    socket.onclose = (event) => void this.lost(event.code);
  }

  private receive(data: unknown): void {
    const message = readMessage(data);
    if (message.kind === "ready") {
      this.attempt = 0;
      this.ready = true;
      if (this.loud) this.subscribe();
      const first = this.cursor === null;
      this.cursor ??= message.cursor;
      this.renewBeforeExpiry();
      this.options.onState("live");
      // Before the first `ready` nothing was followed, so what was loaded until now may have missed something.
      if (first) this.options.onResync();
    } else if (message.kind === "resync") {
      this.cursor = message.cursor ?? this.cursor;
      this.queue = [];
      this.options.onResync();
    } else if (message.kind === "event") {
      this.cursor = message.event.cursor;
      if (this.seen.add(message.event.id)) this.enqueue(message.event);
    }
  }

  private enqueue(event: LiveEvent): void {
    this.queue.push(event);
    if (this.queue.length > QUEUE_LIMIT) {
      // A hidden tab that slept for long: loading afresh is cheaper than replaying.
      this.queue = [];
      this.options.onResync();
      return;
    }
    this.scheduleFlush();
  }

  /** At most four paints a second, none in a hidden tab; the first event after a calm shows at once. */
  private scheduleFlush(): void {
    if (this.flushTimer !== undefined || this.queue.length === 0 || document.visibilityState === "hidden") return;
    const wait = Math.max(0, this.lastFlush + FLUSH_MS - performance.now());
    this.flushTimer = window.setTimeout(() => {
      this.flushTimer = undefined;
      this.lastFlush = performance.now();
      const events = this.queue;
      this.queue = [];
      if (events.length > 0) this.options.onEvents(events);
    }, wait);
  }

  /** The server closes the line when its token ends; a new line with a new token comes first. */
  private renewBeforeExpiry(): void {
    window.clearTimeout(this.renewTimer);
    this.renewTimer = window.setTimeout(() => void this.renew(), renewTokenIn());
  }

  private async renew(): Promise<void> {
    if (this.closed) return;
    if (await refreshSession().catch(() => false)) this.open();
  }

  private async lost(code: number): Promise<void> {
    this.socket = null;
    this.ready = false;
    if (this.closed) return;
    window.clearTimeout(this.renewTimer);
    this.options.onState(this.attempt === 0 ? "connecting" : "down");
    if (code === 4400) this.cursor = null;
    if (code === 4401) {
      // Not authenticated any more: either the token is old, or the session is over.
      const alive = await refreshSession().catch(() => null);
      if (alive === false || this.closed) return;
    }
    const wait = code === 4401 && this.attempt === 0 ? 0 : backoff(this.attempt);
    this.attempt += 1;
    this.retryTimer = window.setTimeout(() => this.open(), wait);
  }
}
