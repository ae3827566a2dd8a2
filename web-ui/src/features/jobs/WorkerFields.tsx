import { useState } from "react";
import { CodeBlock } from "@/components/Code";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { strings } from "@/lib/strings";
import type { SectionProps } from "./FormSections";
import { workerSnippets, type SnippetLanguage } from "./workerSnippets";

const t = strings.jobs.worker;

export function WorkerFields({ values, set, errors }: SectionProps) {
  return (
    <>
      <Field label={t.queue} error={errors["executor.queue"]} hint={t.queueHint}>
        {(control) => <Input {...control} autoCapitalize="none" spellCheck={false} value={values.queue} onChange={(event) => set("queue", event.target.value)} className="max-w-64 font-mono" />}
      </Field>
      <WorkerSnippet queue={values.queue.trim() || "default"} />
    </>
  );
}

/** A whole worker to start from. */
export function WorkerSnippet({ queue }: { queue: string }) {
  const [language, setLanguage] = useState<SnippetLanguage>("python");
  const snippets = workerSnippets(location.origin, queue);
  return (
    <div className="min-w-0">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm text-ink-2">{t.snippetText}</p>
        <Segmented<SnippetLanguage>
          label={t.language}
          value={language}
          onChange={setLanguage}
          options={[
            { value: "python", label: "Python" },
            { value: "javascript", label: "JavaScript" },
            { value: "curl", label: "curl" },
          ]}
        />
      </div>
      <CodeBlock text={snippets[language]} label={t.snippet} />
    </div>
  );
}
