import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { Checkbox } from "@/components/ui/toggle";
import type { WebhookDraft } from "@/api/webhooks";
import type { Webhook } from "@/api/types";
import { useForm } from "@/hooks/useForm";
import { strings } from "@/lib/strings";
import { EVENT_GROUPS, headersText, isEverything, parseHeaders } from "./events";

const t = strings.webhooks;
const FIELDS = ["url", "types", "description", "headers"] as const;

interface WebhookFormProps {
  webhook?: Webhook;
  submitLabel: string;
  onSave: (draft: WebhookDraft) => Promise<void>;
}

const isAddress = (url: string): boolean => {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
};

export function WebhookForm({ webhook, submitLabel, onSave }: WebhookFormProps) {
  const form = useForm({
    initial: {
      url: webhook?.url ?? "",
      description: webhook?.description ?? "",
      all: isEverything(webhook?.types ?? ["*"]),
      types: webhook && !isEverything(webhook.types) ? webhook.types : (["run.completed", "run.failed"] as string[]),
      headers: headersText(webhook?.headers),
    },
    fields: FIELDS,
    validate: (values) => {
      const { bad } = parseHeaders(values.headers);
      return {
        url: isAddress(values.url.trim()) ? undefined : t.urlInvalid,
        types: values.all || values.types.length > 0 ? undefined : t.chooseEvents,
        headers: bad === null ? undefined : t.headersInvalid(bad),
      };
    },
    submit: (values) =>
      onSave({
        url: values.url.trim(),
        types: values.all ? ["*"] : values.types,
        description: values.description.trim() || null,
        headers: parseHeaders(values.headers).headers,
      }),
  });
  const { values, set, errors } = form;
  const toggle = (type: string, on: boolean) => set("types", on ? [...values.types, type] : values.types.filter((known) => known !== type));

  return (
    <form ref={form.form} noValidate onSubmit={(event) => void form.onSubmit(event)} className="flex flex-col gap-4">
      <ProblemAlert problem={form.problem} rest={form.rest} />
      <Field label={t.url} error={errors.url} hint={t.urlHint}>
        {(control) => (
          <Input {...control} type="url" inputMode="url" autoCapitalize="none" spellCheck={false} placeholder="https://" value={values.url} onChange={(event) => set("url", event.target.value)} />
        )}
      </Field>
      <Field label={t.description} optional error={errors.description}>
        {(control) => <Input {...control} value={values.description} onChange={(event) => set("description", event.target.value)} />}
      </Field>
      <fieldset className="flex flex-col gap-2.5">
        <legend className="mb-1.5 text-sm font-medium">{t.events}</legend>
        <Segmented
          label={t.events}
          value={values.all ? "all" : "some"}
          onChange={(value) => set("all", value === "all")}
          options={[
            { value: "all", label: t.allEvents },
            { value: "some", label: t.someEvents },
          ]}
          className="w-full sm:w-fit"
        />
        {values.all ? (
          <p className="text-xs text-ink-3">{t.allEventsText}</p>
        ) : (
          <div className="grid gap-x-6 gap-y-3 rounded-lg border border-line p-3.5 sm:grid-cols-2">
            {EVENT_GROUPS.map((group) => (
              <div key={group.name} className="flex flex-col gap-1.5">
                <p className="text-xs font-medium text-ink-3">{group.name}</p>
                {group.types.map((type) => (
                  <label key={type} className="flex items-center gap-2 text-sm text-ink">
                    <Checkbox checked={values.types.includes(type)} onCheckedChange={(on) => toggle(type, on === true)} />
                    <code className="text-xs">{type}</code>
                  </label>
                ))}
              </div>
            ))}
          </div>
        )}
        {errors.types ? (
          <p role="alert" className="text-sm text-danger-text">
            {errors.types}
          </p>
        ) : null}
      </fieldset>
      <Field label={t.headers} optional error={errors.headers} hint={t.headersHint}>
        {(control) => (
          <Textarea {...control} rows={2} spellCheck={false} className="font-mono text-xs" placeholder="X-Team: billing" value={values.headers} onChange={(event) => set("headers", event.target.value)} />
        )}
      </Field>
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={form.busy}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
