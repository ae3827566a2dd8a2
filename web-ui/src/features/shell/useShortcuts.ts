import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useFeedback } from "@/components/Feedback";
import { useAuth } from "@/features/auth/AuthProvider";
import { isPlainKey } from "@/hooks/useHotkey";
import { useTheme } from "@/hooks/useTheme";
import { strings } from "@/lib/strings";
import { timePrefs } from "@/lib/timePrefs";
import { ADMIN, DEVELOP, OTHER, WORK } from "./places";

const t = strings.shell;
const CHORD_MS = 1200;
export type Overlay = "palette" | "shortcuts" | null;

/** The keys of the whole dashboard. */
export function useShortcuts() {
  const [overlay, setOverlay] = useState<Overlay>(null);
  const navigate = useNavigate();
  const { user } = useAuth();
  const { setChoice } = useTheme();
  const { announce } = useFeedback();
  const admin = user?.role === "admin";

  useEffect(() => {
    let going = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return setOverlay((known) => (known === "palette" ? null : "palette"));
      }
      if (!isPlainKey(event)) return;
      if (Date.now() - going < CHORD_MS) {
        going = 0;
        const place = [...WORK, ...ADMIN, ...DEVELOP, ...OTHER].find(({ key, admin: only }) => key === event.key && (!only || admin));
        if (!place) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        return void navigate(place.to);
      }
      if (event.key === "g") going = Date.now();
      else if (event.key === "?") setOverlay("shortcuts");
      else if (event.key === "n") {
        event.preventDefault();
        void navigate("/jobs/new");
      } else if (event.key === "t") setChoice(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
      else if (event.key === "z") {
        timePrefs.toggleStyle();
        announce(timePrefs.get().style === "exact" ? t.timesExact : t.timesRelative);
      }
    };
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, [admin, announce, navigate, setChoice]);

  return { overlay, setOverlay };
}
