import { KeyRound } from "lucide-react";
import { CodeBlock } from "@/components/Code";
import { CopyButton } from "@/components/CopyButton";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { strings } from "@/lib/strings";

const t = strings.keys;

/** The one time a key is shown. A click beside the dialog does not close it. */
export function KeyDialog({ text, onClose }: { text: string; onClose: () => void }) {
  const curl = `curl ${location.origin}/api/v1/jobs \\\n  -H "Authorization: Bearer ${text}"`;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={t.secretTitle}
        description={t.secretText}
        onInteractOutside={(event) => event.preventDefault()}
        footer={
          <Button variant="primary" onClick={onClose}>
            {t.done}
          </Button>
        }
      >
        <div className="flex flex-col gap-4">
          <div className="flex items-center gap-2 rounded-lg border border-line bg-surface-2 py-2 pl-3 pr-2">
            <KeyRound className="size-4 shrink-0 text-ink-3" aria-hidden />
            <code className="min-w-0 flex-1 break-all text-xs text-ink" data-secret aria-label={t.secret}>
              {text}
            </code>
            <CopyButton text={text} label={strings.common.copyThis(t.secret)} withLabel />
          </div>
          <div>
            <h3 className="mb-1.5 text-sm font-medium">{t.secretUse}</h3>
            <CodeBlock text={curl} label={t.secretUse} />
          </div>
        </div>
      </DialogContent>
    </Dialog>
  );
}
