import { KeyRound } from "lucide-react";
import { CopyButton } from "@/components/CopyButton";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { strings } from "@/lib/strings";

const t = strings.webhooks;

/** The one time a secret is shown. A click beside the dialog does not close it. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={t.secretTitle}
        description={t.secretText}
        onInteractOutside={(event) => event.preventDefault()}
        footer={
          <Button variant="primary" onClick={onClose}>
            {t.secretDone}
          </Button>
        }
      >
        <div className="flex flex-col gap-3">
          <div className="flex items-center gap-2 rounded-lg border border-line bg-surface-2 py-2 pl-3 pr-2">
            <KeyRound className="size-4 shrink-0 text-ink-3" aria-hidden />
            <code className="min-w-0 flex-1 break-all text-xs text-ink" data-secret aria-label={t.secret}>
              {secret}
            </code>
            <CopyButton text={secret} label={strings.common.copyThis(t.secret)} withLabel />
          </div>
          <Alert tone="info">{t.verifyText}</Alert>
        </div>
      </DialogContent>
    </Dialog>
  );
}
