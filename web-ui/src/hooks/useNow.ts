import { useEffect, useState } from "react";
import { serverNow } from "@/lib/clock";

/** The server's time, renewed every `everyMs` while `active`; for elapsed times and countdowns. */
export function useNow(everyMs: number, active = true): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!active) return;
    setNow(serverNow());
    const timer = window.setInterval(() => {
      if (document.visibilityState === "visible") setNow(serverNow());
    }, everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs, active]);
  return now;
}
