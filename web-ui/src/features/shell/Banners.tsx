import { Mailbox, PlugZap } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { Button } from "@/components/ui/button";
import { useAuth } from "@/features/auth/AuthProvider";
import { strings } from "@/lib/strings";
import { useLive } from "@/live/LiveProvider";

const t = strings.shell;
const PATIENCE_MS = 1500;

/** Tells the truth when the live line is down; a blink of a reconnect says nothing. */
function LineBanner() {
  const { state, reconnect } = useLive();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (state === "live") return setShown(false);
    if (state === "down") return setShown(true);
    const timer = window.setTimeout(() => setShown(true), PATIENCE_MS * 2);
    return () => window.clearTimeout(timer);
  }, [state]);
  return (
    <div role="status">
      {shown ? (
        <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-line bg-danger-soft px-4 py-2 text-center text-sm text-danger-text" data-banner="line">
          <PlugZap className="size-4 shrink-0" aria-hidden />
          <span>{t.lineDown}</span>
          <Button variant="link" size="inline" className="text-sm text-danger-text underline" onClick={reconnect}>
            {t.reconnect}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function MailBanner() {
  const { meta } = useAuth();
  if (meta?.mail_mode !== "developer") return null;
  return (
    <div
      className="mx-auto flex w-full flex-wrap items-center justify-center gap-x-2 bg-wait-soft px-4 py-1.5 text-center text-xs text-wait-text sm:w-fit sm:rounded-b-lg sm:py-1"
      data-banner="mail"
    >
      <Mailbox className="size-3.5 shrink-0" aria-hidden />
      <span>{t.mailDeveloper}</span>
      {meta.dev_mailbox ? (
        <Link to="/mailbox" className="font-medium underline underline-offset-2">
          {t.mailDeveloperLink}
        </Link>
      ) : null}
    </div>
  );
}

export function Banners() {
  return (
    <section aria-label={t.notices}>
      <LineBanner />
      <MailBanner />
    </section>
  );
}
