import { createApiKey, SCOPES } from "@/api/keys";
import type { ApiKey } from "@/api/types";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { Checkbox } from "@/components/ui/toggle";
import { useForm } from "@/hooks/useForm";
import { serverNow } from "@/lib/clock";
import { strings } from "@/lib/strings";

const t = strings.keys;
const FIELDS = ["name", "scopes", "expires_at"] as const;
const LIVES = ["30", "90", "365", "never"] as const;
type Life = (typeof LIVES)[number];
const DAY_MS = 86_400_000;

const sameScopes = (one: readonly string[], other: readonly string[]) => one.length === other.length && one.every((scope) => other.includes(scope));

export function KeyForm({ onMade }: { onMade: (key: ApiKey) => void }) {
  const form = useForm({
    initial: { name: "", scopes: ["jobs:read", "runs:read", "runs:write"] as string[], expires_at: "90" as Life },
    fields: FIELDS,
    validate: (values) => ({ name: values.name.trim() ? undefined : strings.common.required, scopes: values.scopes.length > 0 ? undefined : t.noScopes }),
    submit: async (values) => {
      const expires = values.expires_at === "never" ? {} : { expires_at: new Date(serverNow() + Number(values.expires_at) * DAY_MS).toISOString() };
      onMade(await createApiKey({ name: values.name.trim(), scopes: values.scopes, ...expires }));
    },
  });
  const { values, set, errors } = form;
  const toggle = (scope: string, on: boolean) => set("scopes", SCOPES.filter((known) => (known === scope ? on : values.scopes.includes(known))));

  return (
    <form ref={form.form} noValidate onSubmit={(event) => void form.onSubmit(event)} className="flex flex-col gap-4">
      <ProblemAlert problem={form.problem} rest={form.rest} />
      <Field label={t.name} error={errors.name}>
        {(control) => <Input {...control} maxLength={100} autoComplete="off" placeholder={t.namePlaceholder} value={values.name} onChange={(event) => set("name", event.target.value)} />}
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium">{t.scopes}</legend>
        <div className="flex flex-wrap items-center gap-1.5">
          <span className="mr-0.5 text-xs text-ink-3">{t.presets}</span>
          {t.presetList.map(([words, scopes]) => (
            <Button key={words} size="sm" className="h-7 px-2 text-xs" aria-pressed={sameScopes(scopes, values.scopes)} onClick={() => set("scopes", [...scopes])}>
              {words}
            </Button>
          ))}
        </div>
        <div className="grid gap-x-5 gap-y-2.5 rounded-lg border border-line p-3.5 sm:grid-cols-2">
          {SCOPES.map((scope) => (
            <label key={scope} className="flex items-start gap-2 text-sm text-ink">
              <Checkbox className="mt-0.5" checked={values.scopes.includes(scope)} onCheckedChange={(on) => toggle(scope, on === true)} aria-label={`${t.scopeWords[scope]?.[0]} (${scope})`} />
              <span className="min-w-0">
                <span className="block">{t.scopeWords[scope]?.[0]}</span>
                <span className="block text-xs text-ink-3">{t.scopeWords[scope]?.[1]}</span>
              </span>
            </label>
          ))}
        </div>
        {errors.scopes ? (
          <p role="alert" className="text-sm text-danger-text">
            {errors.scopes}
          </p>
        ) : null}
      </fieldset>
      <div className="flex min-w-0 flex-col gap-1.5">
        <span className="text-sm font-medium">{t.expires}</span>
        <Segmented<Life> label={t.expires} value={values.expires_at} onChange={(life) => set("expires_at", life)} options={LIVES.map((value) => ({ value, label: t.lives[value] }))} className="w-full sm:w-fit" />
        <p className="text-xs text-ink-3">{t.expiresHint}</p>
        {errors.expires_at ? <p className="text-sm text-danger-text">{errors.expires_at}</p> : null}
      </div>
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={form.busy}>
          {t.create}
        </Button>
      </div>
    </form>
  );
}
