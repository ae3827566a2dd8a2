import { useEffect, useState } from "react";
import { resendOtp } from "@/api/auth";
import { useFeedback } from "@/components/Feedback";
import { Button } from "@/components/ui/button";
import { useNow } from "@/hooks/useNow";
import { formatCountdown } from "@/lib/format";
import { strings } from "@/lib/strings";
import { useAuth } from "./AuthProvider";
import { challengeStore, type PendingChallenge } from "./challenge";

const t = strings.auth;

/** Under a code field: how long it lasts, a new one, and where to find it in developer mode. */
export function CodeHelp({ challenge, onRenewed }: { challenge: PendingChallenge; onRenewed: (challenge: PendingChallenge) => void }) {
  const { meta } = useAuth();
  const { toast, failed, announce } = useFeedback();
  const now = useNow(500);
  const [busy, setBusy] = useState(false);
  const left = Date.parse(challenge.expires_at) - now;
  const wait = Date.parse(challenge.resend_after) - now;
  const expired = left <= 0;

  useEffect(() => {
    if (expired) announce(t.expired);
  }, [expired, announce]);

  const resend = async () => {
    setBusy(true);
    try {
      // A reset for an unknown address gets the same answers, so both ways are one call.
      const renewed = { ...challenge, ...(await resendOtp(challenge.challenge_id)) };
      challengeStore.set(renewed);
      onRenewed(renewed);
      toast({ tone: "ok", title: t.resent });
    } catch (error) {
      failed(t.resend, error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm text-ink-2">
        <p>
          {expired ? (
            <span className="text-danger-text">{t.expired}</span>
          ) : (
            <>
              {t.expiresIn} <span className="tnum font-medium text-ink">{formatCountdown(left)}</span>
            </>
          )}
        </p>
        <Button variant="link" size="inline" busy={busy} disabled={wait > 0} onClick={() => void resend()} className="text-sm">
          {wait > 0 ? t.resendIn(formatCountdown(wait)) : t.resend}
        </Button>
      </div>
      {meta?.dev_mailbox ? (
        <p className="rounded-lg bg-wait-soft px-3 py-2 text-sm text-wait-text">
          {t.developerMail}{" "}
          <a href="/app/mailbox" target="_blank" rel="noreferrer" className="font-medium underline underline-offset-2">
            {strings.mailbox.title.toLowerCase()}
            <span className="sr-only"> {strings.shell.opensNewTab}</span>
          </a>
          .
        </p>
      ) : null}
    </div>
  );
}
