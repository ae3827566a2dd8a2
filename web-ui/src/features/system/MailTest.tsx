import { Send } from "lucide-react";
import { useState } from "react";
import { testMail } from "@/api/system";
import type { MailTestResult } from "@/api/types";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useAuth } from "@/features/auth/AuthProvider";
import { useForm } from "@/hooks/useForm";
import { formatDuration } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.system;
const FIELDS = ["to"] as const;
const tones = { accepted: "ok", refused: "error", unavailable: "warn" } as const;

/** Sends one mail and shows what the other side said to it. */
export function MailTest() {
  const { user, meta } = useAuth();
  const [result, setResult] = useState<MailTestResult | null>(null);
  const form = useForm({
    initial: { to: user?.email ?? "" },
    fields: FIELDS,
    validate: ({ to }) => ({ to: to.trim() ? undefined : t.toMissing }),
    submit: async ({ to }) => {
      setResult(null);
      setResult(await testMail(to.trim()));
    },
  });
  return (
    <Card data-mail-test>
      <CardHeader title={t.mail} description={t.mailText[meta?.mail_mode ?? ""]} />
      <CardBody className="flex flex-col gap-4">
        <form ref={form.form} noValidate onSubmit={(event) => void form.onSubmit(event)} className="flex flex-col gap-3">
          <ProblemAlert problem={form.problem} rest={form.rest} />
          <div className="flex max-w-xl flex-wrap items-start gap-3">
            <Field label={t.to} error={form.errors.to} className="flex-1 basis-64">
              {(control) => <Input {...control} type="email" autoComplete="email" value={form.values.to} onChange={(event) => form.set("to", event.target.value)} />}
            </Field>
            <Button type="submit" busy={form.busy} className="sm:mt-[26px]">
              <Send aria-hidden />
              {t.send}
            </Button>
          </div>
        </form>
        <div aria-live="polite">{result ? <Outcome result={result} /> : null}</div>
      </CardBody>
    </Card>
  );
}

function Outcome({ result }: { result: MailTestResult }) {
  return (
    <Alert tone={tones[result.outcome] ?? "info"} title={t.outcomes[result.outcome] ?? result.outcome}>
      <p data-mail-outcome={result.outcome}>{(result.outcome === "accepted" && t.kept[result.transport]) || t.outcomeText[result.outcome]}</p>
      <code className="mt-2 block whitespace-pre-wrap break-words rounded-md bg-surface/70 px-2.5 py-1.5 text-xs text-ink">{result.message}</code>
      <p className="mt-1.5 text-xs">{t.took(result.to, formatDuration(result.duration_ms))}</p>
    </Alert>
  );
}
