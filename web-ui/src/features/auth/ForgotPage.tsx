import { Link, useLocation, useNavigate } from "react-router";
import { requestReset } from "@/api/auth";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useForm } from "@/hooks/useForm";
import { strings } from "@/lib/strings";
import { AuthLayout } from "./AuthLayout";
import { useAuth } from "./AuthProvider";
import { challengeStore, type PendingChallenge } from "./challenge";
import { emailRule, phoneOf } from "./rules";

const t = strings.auth;
const FIELDS = ["email", "phone"] as const;

export function Component() {
  const navigate = useNavigate();
  const location = useLocation();
  const { meta } = useAuth();
  const form = useForm({
    initial: { email: (location.state as { email?: string } | null)?.email ?? "" },
    fields: FIELDS,
    validate: ({ email }) => ({ email: phoneOf(email) ? undefined : emailRule(email) }),
    submit: async (values) => {
      const email = values.email.trim();
      const phone = phoneOf(email);
      const pending: PendingChallenge = { ...(await requestReset(phone ? { phone } : { email })), email, kind: "reset", next: "/" };
      challengeStore.set(pending);
      await navigate("/reset", { state: pending });
    },
  });
  return (
    <AuthLayout
      title={t.forgotTitle}
      text={t.forgotText}
      footer={
        <Link to="/login" className="font-medium text-accent-text underline underline-offset-4">
          {t.backToLogIn}
        </Link>
      }
    >
      <form ref={form.form} onSubmit={(event) => void form.onSubmit(event)} noValidate className="flex flex-col gap-4">
        <ProblemAlert problem={form.problem} rest={form.rest} />
        <Field label={meta?.sms ? t.emailOrPhone : t.email} error={form.errors.email ?? form.errors.phone}>
          {(control) => (
            <Input
              {...control}
              type="text"
              inputMode="email"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              value={form.values.email}
              onChange={(event) => form.set("email", event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" size="lg" busy={form.busy} className="mt-1 w-full">
          {t.sendCode}
        </Button>
      </form>
    </AuthLayout>
  );
}
