import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import { CopyButton } from "@/components/CopyButton";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { strings } from "@/lib/strings";

interface SecretDialogProps {
  secret: string;
  /** What the secret is: "API key". */
  name: string;
  title: string;
  text: string;
  doneLabel: string;
  /** How it is used. */
  children?: ReactNode;
  onClose: () => void;
}

/** The one time a secret is shown. A click beside the dialog does not close it. */
export function SecretDialog({ secret, name, title, text, doneLabel, children, onClose }: SecretDialogProps) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={title}
        description={text}
        onInteractOutside={(event) => event.preventDefault()}
        footer={
          <Button variant="primary" onClick={onClose}>
            {doneLabel}
          </Button>
        }
      >
        <div className="flex flex-col gap-4">
          <div className="flex items-center gap-2 rounded-lg border border-line bg-surface-2 py-2 pl-3 pr-2">
            <KeyRound className="size-4 shrink-0 text-ink-3" aria-hidden />
            <code className="min-w-0 flex-1 break-all text-xs text-ink" data-secret aria-label={name}>
              {secret}
            </code>
            <CopyButton text={secret} label={strings.common.copyThis(name)} withLabel />
          </div>
          {children}
        </div>
      </DialogContent>
    </Dialog>
  );
}
