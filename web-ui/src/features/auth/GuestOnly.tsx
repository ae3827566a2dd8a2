import { Navigate, Outlet, useSearchParams } from "react-router";
import { Splash } from "@/features/shell/Splash";
import { useAuth } from "./AuthProvider";
import { challengeStore, safeNext } from "./challenge";

/** Screens for people who are not logged in yet; who is goes on to where they were heading. */
export function Component() {
  const { phase } = useAuth();
  const [params] = useSearchParams();
  if (phase === "starting") return <Splash />;
  if (phase === "known") return <Navigate to={safeNext(challengeStore.get()?.next ?? params.get("next"))} replace />;
  return <Outlet />;
}
