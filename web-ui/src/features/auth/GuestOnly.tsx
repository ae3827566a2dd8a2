import { useMemo } from "react";
import { Navigate, Outlet, useSearchParams } from "react-router";
import { Splash } from "@/features/shell/Splash";
import { useAuth } from "./AuthProvider";
import { challengeStore, safeNext } from "./challenge";

/** Screens for people who are not logged in yet; who is goes on to where they were heading. */
export function Component() {
  const { phase } = useAuth();
  const [params] = useSearchParams();
  const next = params.get("next");
  // Decided once: the log-in forgets its challenge while the next page still loads, and whatever is drawn meanwhile must not
  // lead elsewhere.
  const goal = useMemo(() => (phase === "known" ? safeNext(challengeStore.get()?.next ?? next) : null), [phase, next]);
  if (phase === "starting") return <Splash />;
  if (goal) return <Navigate to={goal} replace />;
  return <Outlet />;
}
