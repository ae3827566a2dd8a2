import { Link, useNavigate } from "react-router";
import { signUp } from "@/api/auth";
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
const FIELDS = ["full_name", "email", "password", "phone"] as const;

export function Component() {
  const navigate = useNavigate();
  const { meta } = useAuth();
  const form = useForm({
    initial: { full_name: "", email: "", password: "", phone: "" },
    fields: FIELDS,
    validate: (values) => ({
      full_name: requiredRule(values.full_name),
      email: emailRule(values.email),
      password: passwordRule(values.password),
    }),
    submit: async (values) => {
      const email = values.email.trim();
      const challenge = await signUp({
        full_name: values.full_name.trim(),
        email,
        password: values.password,
        ...(values.phone.trim() ? { phone: values.phone.replace(/[\s()-]/g, "") } : {}),
      });
      const pending: PendingChallenge = { ...challenge, email, kind: "signup", next: "/" };
      challengeStore.set(pending);
      await navigate("/verify", { state: pending });
    },
  });

  const footer = (
    <>
      {t.haveAccount}{" "}
      <Link to="/login" className="font-medium text-accent-text underline underline-offset-4">
        {t.logInLink}
      </Link>
    </>
  );

  if (meta?.sign_up === "closed") {
    return (
      <AuthLayout title={t.signUpTitle} footer={footer}>
        <Alert tone="info">{t.signUpClosed}</Alert>
      </AuthLayout>
    );
  }

  return (
    <AuthLayout title={t.signUpTitle} text={t.signUpText} footer={footer}>
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
        <Field label={t.phone} optional error={form.errors.phone} hint={t.phoneHint}>
          {(control) => (
            <Input {...control} type="tel" autoComplete="tel" value={form.values.phone} onChange={(event) => form.set("phone", event.target.value)} />
          )}
        </Field>
        <Button type="submit" variant="primary" size="lg" busy={form.busy} className="mt-1 w-full">
          {t.signUp}
        </Button>
      </form>
    </AuthLayout>
  );
}
