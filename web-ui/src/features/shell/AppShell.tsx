import { Menu, X } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { Link, Navigate, Outlet, useLocation, useNavigation, useNavigationType } from "react-router";
import { BrandMark } from "@/components/Brand";
import { PageBody } from "@/components/Page";
import { ErrorState, LoadingRows } from "@/components/States";
import { TimeTip } from "@/components/TimeTip";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, Drawer } from "@/components/ui/dialog";
import { LayerContext } from "@/components/ui/layer";
import { Problem } from "@/api/problem";
import { useAuth } from "@/features/auth/AuthProvider";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { LiveProvider } from "@/live/LiveProvider";
import { Banners } from "./Banners";
import { LiveBadge } from "./LiveBadge";
import { SidebarContent } from "./Sidebar";
import { Splash } from "./Splash";
import { useShortcuts } from "./useShortcuts";

const Palette = lazy(() => import("./Palette"));
const Shortcuts = lazy(() => import("./Shortcuts"));

const t = strings.shell;
const UNREACHABLE = new Problem({ status: 0, code: "offline", title: strings.errors.offlineTitle });

/** Everything behind the log-in. */
export function Component() {
  const { phase, problem, restart, user } = useAuth();
  const location = useLocation();
  if (phase === "starting") return <Splash />;
  if (phase === "unreachable") {
    return (
      <main className="grid min-h-dvh place-items-center">
        <ErrorState problem={problem ?? UNREACHABLE} onRetry={restart} level="h1" />
      </main>
    );
  }
  if (phase === "anonymous" || !user) {
    const next = `${location.pathname}${location.search}`;
    return <Navigate to={next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`} replace />;
  }
  return (
    <LiveProvider key={user.user_id}>
      <Frame />
    </LiveProvider>
  );
}

function Frame() {
  const [open, setOpen] = useState(false);
  const [layer, setLayer] = useState<HTMLElement | null>(null);
  const { overlay, setOverlay } = useShortcuts();
  const close = useCallback(() => setOverlay(null), [setOverlay]);
  const location = useLocation();
  const navigation = useNavigation();
  const main = useRef<HTMLElement>(null);
  const firstPath = useRef(location.pathname);

  // A new page: from its top, or, on the way back, from where it was left; and the reader's cursor at its beginning. Not
  // on the first one, nor on filters.
  const way = useNavigationType();
  const left = useRef(new Map<string, number>());
  useEffect(() => {
    const at = location.key;
    const onScroll = () => left.current.set(at, window.scrollY);
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => window.removeEventListener("scroll", onScroll);
  }, [location.key]);
  useEffect(() => {
    if (firstPath.current === location.pathname) return;
    firstPath.current = location.pathname;
    window.scrollTo(0, way === "POP" ? (left.current.get(location.key) ?? 0) : 0);
    main.current?.focus({ preventScroll: true });
  }, [location.pathname, location.key, way]);

  return (
    <LayerContext value={layer}>
    <div className="min-h-dvh lg:pl-60">
      <a
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
        className="fixed left-3 top-3 z-[80] -translate-y-20 rounded-lg bg-ink px-3 py-2 text-sm font-medium text-surface focus:translate-y-0"
      >
        {t.skip}
      </a>
      <aside className="fixed inset-y-0 left-0 hidden w-60 border-r border-line bg-canvas lg:block">
        <SidebarContent onSearch={() => setOverlay("palette")} />
      </aside>
      <header className="sticky top-0 z-30 flex h-13 items-center gap-2 border-b border-line bg-canvas/92 px-3 backdrop-blur-md lg:hidden">
        <Dialog open={open} onOpenChange={setOpen}>
          <Button variant="ghost" size="icon" aria-label={t.openNav} onClick={() => setOpen(true)}>
            <Menu aria-hidden />
          </Button>
          <Drawer title={t.mainNav}>
            <DialogClose asChild>
              <Button variant="ghost" size="iconSm" aria-label={t.closeNav} className="absolute right-2.5 top-4 z-10">
                <X aria-hidden />
              </Button>
            </DialogClose>
            <SidebarContent
              onNavigate={() => setOpen(false)}
              onSearch={() => {
                setOpen(false);
                setOverlay("palette");
              }}
            />
          </Drawer>
        </Dialog>
        <Link to="/" className="flex items-center gap-2 rounded-md text-base font-semibold tracking-[-0.015em]">
          <BrandMark className="size-6" />
          {strings.common.product}
        </Link>
        <LiveBadge className="ml-auto mr-1.5" />
      </header>
      <div className="flex min-h-[calc(100dvh-3.25rem)] flex-col lg:min-h-dvh">
        <Banners />
        <main
          ref={main}
          id="content"
          tabIndex={-1}
          aria-busy={navigation.state !== "idle" || undefined}
          className={cn("flex-1 outline-none transition-opacity", navigation.state !== "idle" && "opacity-60")}
        >
          <Suspense
            fallback={
              <PageBody>
                <LoadingRows className="panel" />
              </PageBody>
            }
          >
            <Outlet />
          </Suspense>
          <TimeTip />
          <div ref={setLayer} />
        </main>
        <Suspense fallback={null}>
          {overlay === "palette" ? <Palette onClose={close} onShortcuts={() => setOverlay("shortcuts")} /> : null}
          {overlay === "shortcuts" ? <Shortcuts onClose={close} /> : null}
        </Suspense>
      </div>
    </div>
    </LayerContext>
  );
}
