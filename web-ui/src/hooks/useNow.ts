import { useEffect, useState } from "react";
import { serverNow } from "@/lib/clock";

/** One timer for each period, however many rows look at it: they are drawn again together. */
const tickers = new Map<number, { listeners: Set<() => void>; timer: number }>();

function onTick(everyMs: number, listener: () => void): () => void {
  let ticker = tickers.get(everyMs);
  if (!ticker) {
    const listeners = new Set<() => void>();
    const timer = window.setInterval(() => {
      if (document.visibilityState === "visible") for (const tell of listeners) tell();
    }, everyMs);
    ticker = { listeners, timer };
    tickers.set(everyMs, ticker);
  }
  const { listeners, timer } = ticker;
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(timer);
    tickers.delete(everyMs);
  };
}

/** The server's time, renewed every `everyMs` while `active`; for elapsed times and countdowns. */
export function useNow(everyMs: number, active = true): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!active) return;
    setNow(serverNow());
    return onTick(everyMs, () => setNow(serverNow()));
  }, [everyMs, active]);
  return now;
}
