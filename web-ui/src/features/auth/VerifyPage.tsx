import { useState } from "react";
import { Link, Navigate, useLocation, useNavigate } from "react-router";
import { updateMe, verifyOtp } from "@/api/auth";
import type { User } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { useForm } from "@/hooks/useForm";
import { maskEmail } from "@/lib/format";
import { strings } from "@/lib/strings";
import { AuthLayout } from "./AuthLayout";
import { useAuth } from "./AuthProvider";
import { challengeStore, safeNext, type PendingChallenge } from "./challenge";
import { CodeHelp } from "./CodeHelp";
import { OTP_LENGTH, OtpInput } from "./OtpInput";

const t = strings.auth;
const FIELDS = ["otp"] as const;

export function Component() {
  const location = useLocation();
  const [challenge, setChallenge] = useState<PendingChallenge | null>(
    () => (location.state as PendingChallenge | null) ?? challengeStore.get(),
  );
  if (!challenge || challenge.kind === "reset") return <Navigate to="/login" replace />;
  return <VerifyForm challenge={challenge} onRenewed={setChallenge} />;
}

/** A new account starts in UTC; its times are better shown where the person is. Not worth a word when it fails. */
function adoptBrowserZone(user: User): Promise<User | null> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || (user.time_zone ?? "UTC") !== "UTC" || zone === "UTC") return Promise.resolve(null);
  return updateMe({ time_zone: zone }).catch(() => null);
}

function VerifyForm({ challenge, onRenewed }: { challenge: PendingChallenge; onRenewed: (next: PendingChallenge) => void }) {
  const navigate = useNavigate();
  const { toast } = useFeedback();
  const { setUser } = useAuth();
  const form = useForm({
    initial: { otp: "" },
    fields: FIELDS,
    validate: ({ otp }) => ({ otp: otp.length === OTP_LENGTH ? undefined : t.codeIncomplete }),
    submit: async ({ otp }) => {
      try {
        const { user } = await verifyOtp(challenge.challenge_id, otp);
        if (challenge.kind !== "login") {
          toast({ tone: "ok", title: t.welcome(user.full_name) });
          void adoptBrowserZone(user).then((known) => known && setUser(known));
        }
        await navigate(safeNext(challenge.next), { replace: true });
        challengeStore.clear();
      } catch (error) {
        form.set("otp", "");
        throw error;
      }
    },
  });
  const wrong = form.problem?.code === "otp_invalid";

  return (
    <AuthLayout
      title={t.verifyTitle}
      text={
        <>
          {t.verifyText} <strong className="font-medium text-ink">{maskEmail(challenge.email)}</strong>.
        </>
      }
      footer={
        <Link to="/login" onClick={() => challengeStore.clear()} className="font-medium text-accent-text underline underline-offset-4">
          {t.otherAccount}
        </Link>
      }
    >
      <form ref={form.form} onSubmit={(event) => void form.onSubmit(event)} noValidate className="flex flex-col gap-5">
        {wrong ? null : <ProblemAlert problem={form.problem} rest={form.rest} />}
        <Field label={t.code} error={wrong ? t.wrongCode : form.errors.otp}>
          {(control) => (
            <OtpInput
              {...control}
              value={form.values.otp}
              onChange={(otp) => form.set("otp", otp)}
              onComplete={() => window.setTimeout(() => form.form.current?.requestSubmit(), 0)}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" size="lg" busy={form.busy} className="w-full">
          {t.verify}
        </Button>
        <CodeHelp challenge={challenge} onRenewed={onRenewed} />
      </form>
    </AuthLayout>
  );
}
