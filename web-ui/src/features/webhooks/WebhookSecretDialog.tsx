import { SecretDialog } from "@/components/SecretDialog";
import { Alert } from "@/components/ui/alert";
import { strings } from "@/lib/strings";

const t = strings.webhooks;

/** The secret of a new endpoint, or the new secret of an old one. */
export function WebhookSecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <SecretDialog secret={secret} name={t.secret} title={t.secretTitle} text={t.secretText} doneLabel={t.secretDone} onClose={onClose}>
      <Alert tone="info">{t.verifyText}</Alert>
    </SecretDialog>
  );
}
