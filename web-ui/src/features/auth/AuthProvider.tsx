import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { getMeta, logOut as apiLogOut } from "@/api/auth";
import { endSession, onSession, refreshSession } from "@/api/client";
import { toProblem, type Problem } from "@/api/problem";
import { getToken, sessionHint } from "@/api/token";
import type { Meta, User } from "@/api/types";
import { forgetResources } from "@/hooks/useResource";
import { timePrefs, type TimePrefs } from "@/lib/timePrefs";

type Phase = "starting" | "anonymous" | "known" | "unreachable";

interface Auth {
  phase: Phase;
  user: User | null;
  meta: Meta | null;
  problem: Problem | null;
  /** The zone in which times are shown: the person's own, or UTC where they chose so. */
  zone: string;
  /** The person's own zone, whatever times are shown in; what they plan is meant in it. */
  ownZone: string;
  times: TimePrefs;
  /** True when the session ended by itself or elsewhere, not by the person here. */
  ended: boolean;
  logOut: () => Promise<void>;
  setUser: (user: User) => void;
  restart: () => void;
  reloadMeta: () => void;
}

const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const AuthContext = createContext<Auth>({
  phase: "starting",
  user: null,
  meta: null,
  problem: null,
  zone: browserZone,
  ownZone: browserZone,
  times: timePrefs.get(),
  ended: false,
  logOut: () => Promise.resolve(),
  setUser: () => undefined,
  restart: () => undefined,
  reloadMeta: () => undefined,
});

export const useAuth = () => useContext(AuthContext);

/** Who is here. The access token lives in memory, so every page load begins with one refresh by cookie. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const [phase, setPhase] = useState<Phase>("starting");
  const [user, setUser] = useState<User | null>(null);
  const [meta, setMeta] = useState<Meta | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [ended, setEnded] = useState(false);

  const loadMeta = useCallback(
    () =>
      getMeta().then(setMeta, (error: unknown) => {
        const failed = toProblem(error);
        if (failed.offline) setProblem(failed);
      }),
    [],
  );

  const start = useCallback(async () => {
    setPhase("starting");
    setProblem(null);
    void loadMeta();
    if (!sessionHint.get()) return setPhase("anonymous");
    try {
      if (!(await refreshSession())) setPhase("anonymous");
    } catch (error) {
      setProblem(toProblem(error));
      setPhase("unreachable");
    }
  }, [loadMeta]);

  useEffect(() => {
    const stop = onSession((answer) => {
      if (answer) {
        setUser(answer.user);
        setEnded(false);
        setPhase("known");
      } else {
        setPhase((known) => {
          if (known === "known") setEnded(true);
          return "anonymous";
        });
        setUser(null);
        forgetResources();
      }
    });
    void start();
    return stop;
  }, [start]);

  useEffect(() => {
    // A log-out in another tab ends this one too.
    const onStorage = (event: StorageEvent) => {
      if (event.key === sessionHint.key && event.newValue === null && getToken()) endSession();
    };
    window.addEventListener("storage", onStorage);
    return () => window.removeEventListener("storage", onStorage);
  }, []);

  const logOut = useCallback(async () => {
    await apiLogOut().catch(() => undefined);
    setEnded(false);
  }, []);

  const times = useSyncExternalStore(timePrefs.subscribe, timePrefs.get);
  const ownZone = user?.time_zone || browserZone;
  const value = useMemo<Auth>(
    () => ({
      phase,
      user,
      meta,
      problem,
      zone: times.zone === "utc" ? "UTC" : ownZone,
      ownZone,
      times,
      ended,
      logOut,
      setUser,
      restart: () => void start(),
      reloadMeta: () => void loadMeta(),
    }),
    [phase, user, meta, problem, ownZone, times, ended, logOut, start, loadMeta],
  );
  return <AuthContext.Provider value={value}>{children}</AuthContext.Provider>;
}
