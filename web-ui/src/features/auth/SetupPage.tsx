import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { setUp } from "@/api/auth";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useForm } from "@/hooks/useForm";
import { strings } from "@/lib/strings";
import { AuthLayout } from "./AuthLayout";
import { useAuth } from "./AuthProvider";
import { challengeStore, type PendingChallenge } from "./challenge";
import { PasswordField } from "./PasswordField";
import { emailRule, passwordRule, requiredRule } from "./rules";

const t = strings.auth;
const FIELDS = ["full_name", "email", "password"] as const;

export function Component() {
  const navigate = useNavigate();
  const { meta } = useAuth();
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get("token") ?? "");

  // The token leaves the address bar and the history as soon as it is read.
  useEffect(() => {
    if (location.hash) history.replaceState(history.state, "", location.pathname);
  }, []);

  const form = useForm({
    initial: { full_name: "", email: "", password: "" },
    fields: FIELDS,
    validate: (values) => ({
      full_name: requiredRule(values.full_name),
      email: emailRule(values.email),
      password: passwordRule(values.password),
    }),
    submit: async (values) => {
      const email = values.email.trim();
      const challenge = await setUp({ ...values, email, full_name: values.full_name.trim(), token });
      const pending: PendingChallenge = { ...challenge, email, kind: "setup", next: "/" };
      challengeStore.set(pending);
      await navigate("/verify", { state: pending });
    },
  });

  const done = meta ? !meta.setup_required : false;
  if (done || !token) {
    return (
      <AuthLayout
        title={t.setupTitle}
        footer={
          <Link to="/login" className="font-medium text-accent-text underline underline-offset-4">
            {t.backToLogIn}
          </Link>
        }
      >
        <Alert tone={done ? "ok" : "warn"}>{done ? t.setupDone : t.setupNoToken}</Alert>
      </AuthLayout>
    );
  }

  return (
    <AuthLayout title={t.setupTitle} text={t.setupText}>
      <form ref={form.form} onSubmit={(event) => void form.onSubmit(event)} noValidate className="flex flex-col gap-4">
        <ProblemAlert problem={form.problem} rest={form.rest} />
        <Field label={t.fullName} error={form.errors.full_name}>
          {(control) => (
            <Input {...control} autoComplete="name" value={form.values.full_name} onChange={(event) => form.set("full_name", event.target.value)} />
          )}
        </Field>
        <Field label={t.email} error={form.errors.email}>
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="email"
              autoCapitalize="none"
              spellCheck={false}
              value={form.values.email}
              onChange={(event) => form.set("email", event.target.value)}
            />
          )}
        </Field>
        <PasswordField
          isNew
          value={form.values.password}
          onChange={(value) => form.set("password", value)}
          error={form.errors.password}
          hint={t.passwordHint}
        />
        <Button type="submit" variant="primary" size="lg" busy={form.busy} className="mt-1 w-full">
          {t.setup}
        </Button>
      </form>
    </AuthLayout>
  );
}
