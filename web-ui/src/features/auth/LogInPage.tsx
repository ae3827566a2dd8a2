import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import { logIn } from "@/api/auth";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useForm } from "@/hooks/useForm";
import { strings } from "@/lib/strings";
import { AuthLayout } from "./AuthLayout";
import { useAuth } from "./AuthProvider";
import { challengeStore, safeNext, type PendingChallenge } from "./challenge";
import { PasswordField } from "./PasswordField";
import { emailRule } from "./rules";

const t = strings.auth;
const FIELDS = ["email", "password"] as const;

export function Component() {
  const navigate = useNavigate();
  const location = useLocation();
  const [params] = useSearchParams();
  const { meta, ended } = useAuth();
  const notice = (location.state as { notice?: string } | null)?.notice ?? (ended ? t.ended : null);

  const form = useForm({
    initial: { email: "", password: "" },
    fields: FIELDS,
    validate: (values) => ({ email: emailRule(values.email), password: values.password ? undefined : strings.common.required }),
    submit: async ({ email, password }) => {
      const challenge = await logIn({ email: email.trim(), password });
      const pending: PendingChallenge = { ...challenge, email: email.trim(), kind: "login", next: safeNext(params.get("next")) };
      challengeStore.set(pending);
      await navigate("/verify", { state: pending });
    },
  });

  return (
    <AuthLayout
      title={t.logInTitle}
      text={t.logInText}
      footer={
        meta?.sign_up === "closed" ? null : (
          <>
            {t.noAccount}{" "}
            <Link to="/signup" className="font-medium text-accent-text underline underline-offset-4">
              {t.signUpLink}
            </Link>
          </>
        )
      }
    >
      <form ref={form.form} onSubmit={(event) => void form.onSubmit(event)} noValidate className="flex flex-col gap-4">
        {notice ? <Alert tone={ended ? "info" : "ok"}>{notice}</Alert> : null}
        {meta?.setup_required ? <Alert tone="warn">{t.setupNeeded}</Alert> : null}
        <ProblemAlert problem={form.problem} rest={form.rest} />
        <Field label={t.email} error={form.errors.email}>
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              value={form.values.email}
              onChange={(event) => form.set("email", event.target.value)}
            />
          )}
        </Field>
        <PasswordField
          value={form.values.password}
          onChange={(value) => form.set("password", value)}
          error={form.errors.password}
          aside={
            <Link to="/forgot" className="text-sm text-accent-text underline-offset-4 hover:underline">
              {t.forgot}
            </Link>
          }
        />
        <Button type="submit" variant="primary" size="lg" busy={form.busy} className="mt-1 w-full">
          {t.logIn}
        </Button>
      </form>
    </AuthLayout>
  );
}
