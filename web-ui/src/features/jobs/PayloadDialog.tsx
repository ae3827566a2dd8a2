import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { ProblemAlert } from "@/components/ProblemAlert";
import { fieldErrors, toProblem, type Problem } from "@/api/problem";
import { parseJson } from "@/lib/json-parse";
import { strings } from "@/lib/strings";
import { payloadRule } from "./jobRules";
import { PayloadField } from "./PayloadField";

interface PayloadDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  submitLabel: string;
  payload: unknown;
  onSubmit: (payload: unknown) => Promise<void>;
}

/** A payload for one run alone. */
export function PayloadDialog({ open, onOpenChange, title, description, ...rest }: PayloadDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      {open ? (
        <DialogContent title={title} description={description} className="sm:max-w-2xl">
          <PayloadForm {...rest} onClose={() => onOpenChange(false)} />
        </DialogContent>
      ) : null}
    </Dialog>
  );
}

function PayloadForm({ payload, submitLabel, onSubmit, onClose }: Pick<PayloadDialogProps, "payload" | "submitLabel" | "onSubmit"> & { onClose: () => void }) {
  const [text, setText] = useState(() => (payload === null || payload === undefined ? "" : JSON.stringify(payload, null, 2)));
  const [error, setError] = useState<string | undefined>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const wrong = payloadRule(text);
    setError(wrong);
    setProblem(null);
    if (wrong) return;
    setBusy(true);
    try {
      await onSubmit(text.trim() ? parseJson(text) : null);
      onClose();
    } catch (thrown) {
      const failed = toProblem(thrown);
      const { byField } = fieldErrors(failed, ["payload"]);
      setError(byField.payload);
      if (!byField.payload) setProblem(failed);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-col gap-4">
      <ProblemAlert problem={problem} />
      <PayloadField value={text} onChange={setText} error={error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{strings.common.cancel}</Button>
        <Button variant="primary" busy={busy} onClick={() => void submit()}>
          {submitLabel}
        </Button>
      </div>
    </div>
  );
}
