import { useState } from "react";
import { Link, Navigate, useLocation, useNavigate } from "react-router";
import { resetPassword } from "@/api/auth";
import { endSession } from "@/api/client";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { useForm } from "@/hooks/useForm";
import { maskEmail } from "@/lib/format";
import { strings } from "@/lib/strings";
import { AuthLayout } from "./AuthLayout";
import { challengeStore, type PendingChallenge } from "./challenge";
import { CodeHelp } from "./CodeHelp";
import { OTP_LENGTH, OtpInput } from "./OtpInput";
import { PasswordField } from "./PasswordField";
import { passwordRule } from "./rules";

const t = strings.auth;
const FIELDS = ["otp", "new_password"] as const;

export function Component() {
  const location = useLocation();
  const [challenge, setChallenge] = useState<PendingChallenge | null>(
    () => (location.state as PendingChallenge | null) ?? challengeStore.get(),
  );
  if (!challenge || challenge.kind !== "reset") return <Navigate to="/forgot" replace />;
  return <ResetForm challenge={challenge} onRenewed={setChallenge} />;
}

function ResetForm({ challenge, onRenewed }: { challenge: PendingChallenge; onRenewed: (next: PendingChallenge) => void }) {
  const navigate = useNavigate();
  const form = useForm({
    initial: { otp: "", new_password: "" },
    fields: FIELDS,
    validate: (values) => ({
      otp: values.otp.length === OTP_LENGTH ? undefined : t.codeIncomplete,
      new_password: passwordRule(values.new_password),
    }),
    submit: async (values) => {
      await resetPassword({ challenge_id: challenge.challenge_id, ...values });
      challengeStore.clear();
      endSession();
      await navigate("/login", { replace: true, state: { notice: t.resetDone } });
    },
  });
  const wrong = form.problem?.code === "otp_invalid";

  return (
    <AuthLayout
      title={t.resetTitle}
      text={
        <>
          {t.resetText} <strong className="font-medium text-ink">{maskEmail(challenge.email)}</strong>.
        </>
      }
      footer={
        <Link to="/login" className="font-medium text-accent-text underline underline-offset-4">
          {t.backToLogIn}
        </Link>
      }
    >
      <form ref={form.form} onSubmit={(event) => void form.onSubmit(event)} noValidate className="flex flex-col gap-5">
        {wrong ? null : <ProblemAlert problem={form.problem} rest={form.rest} />}
        <Field label={t.code} error={wrong ? t.wrongCode : form.errors.otp}>
          {(control) => <OtpInput {...control} value={form.values.otp} onChange={(otp) => form.set("otp", otp)} />}
        </Field>
        <CodeHelp challenge={challenge} onRenewed={onRenewed} />
        <PasswordField
          isNew
          label={t.newPassword}
          value={form.values.new_password}
          onChange={(value) => form.set("new_password", value)}
          error={form.errors.new_password}
          hint={t.passwordHint}
        />
        <Button type="submit" variant="primary" size="lg" busy={form.busy} className="w-full">
          {t.reset}
        </Button>
      </form>
    </AuthLayout>
  );
}
