import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { LiveEvent } from "@/api/types";
import { LiveSocket, type LiveState } from "./socket";

type EventListener = (events: LiveEvent[]) => void;
type ResyncListener = () => void;

interface Live {
  state: LiveState;
  onEvents: (listener: EventListener) => () => void;
  onResync: (listener: ResyncListener) => () => void;
  reconnect: () => void;
  /** While somebody holds it, progress and log lines come too. Returns a function that lets it go. */
  holdLoud: () => () => void;
}

const nothing = () => () => undefined;
const LiveContext = createContext<Live>({ state: "connecting", onEvents: nothing, onResync: nothing, reconnect: () => undefined, holdLoud: nothing });

/** Holds the live line while somebody is logged in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<LiveState>("connecting");
  const events = useRef(new Set<EventListener>());
  const resyncs = useRef(new Set<ResyncListener>());
  const socket = useRef<LiveSocket | null>(null);
  const loud = useRef(0);

  useEffect(() => {
    const line = new LiveSocket({
      onState: setState,
      onEvents: (batch) => events.current.forEach((listener) => listener(batch)),
      onResync: () => resyncs.current.forEach((listener) => listener()),
    });
    socket.current = line;
    line.setLoud(loud.current > 0);
    line.start();
    return () => line.stop();
  }, []);

  const onEvents = useCallback((listener: EventListener) => {
    events.current.add(listener);
    return () => void events.current.delete(listener);
  }, []);
  const onResync = useCallback((listener: ResyncListener) => {
    resyncs.current.add(listener);
    return () => void resyncs.current.delete(listener);
  }, []);
  const reconnect = useCallback(() => socket.current?.reconnectNow(), []);

  const holdLoud = useCallback(() => {
    loud.current += 1;
    socket.current?.setLoud(true);
    return () => {
      loud.current -= 1;
      if (loud.current === 0) socket.current?.setLoud(false);
    };
  }, []);

  const value = useMemo(() => ({ state, onEvents, onResync, reconnect, holdLoud }), [state, onEvents, onResync, reconnect, holdLoud]);
  return <LiveContext.Provider value={value}>{children}</LiveContext.Provider>;
}

export const useLive = (): Live => useContext(LiveContext);

/** Calls `listener` with every batch of live events while the component is on the screen. */
export function useLiveEvents(listener: EventListener): void {
  const { onEvents } = useLive();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => onEvents((batch) => latest.current(batch)), [onEvents]);
}

/** Progress and log lines are many: they come only while a page that shows them is open. */
export function useLoudLine(on: boolean): void {
  const { holdLoud } = useLive();
  useEffect(() => (on ? holdLoud() : undefined), [on, holdLoud]);
}
