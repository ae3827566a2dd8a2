import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { formatNumber } from "@/lib/format";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";
import { TagInput } from "./TagInput";

const t = strings.jobs.bulk;

/** Which tags the ticked jobs get; they keep those that they have. */
export function BulkTagDialog({ count, open, onClose, onTags }: { count: number; open: boolean; onClose: () => void; onTags: (tags: string[]) => void }) {
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()}>
      {open ? (
        <DialogContent title={t.ask.tag(formatNumber(count))} description={t.askText.tag} onOpenAutoFocus={focusFirstField}>
          <Form onTags={onTags} onClose={onClose} />
        </DialogContent>
      ) : null}
    </Dialog>
  );
}

function Form({ onTags, onClose }: { onTags: (tags: string[]) => void; onClose: () => void }) {
  const [tags, setTags] = useState<string[]>([]);
  const [wrong, setWrong] = useState<string | undefined>();
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (tags.length === 0) return setWrong(strings.common.required);
        if (tags.some((tag) => [...tag].length > 50)) return setWrong(strings.jobs.rules.tagLong);
        onTags(tags);
      }}
    >
      <Field label={strings.jobs.tags} hint={strings.jobs.tagsHint} error={wrong}>
        {/* The message stays until the next try: were it gone with the tag that a click beside the field makes, the button would move away from under the pointer. */}
        {(control) => <TagInput {...control} value={tags} onChange={setTags} />}
      </Field>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{strings.common.cancel}</Button>
        <Button type="submit" variant="primary">
          {t.actions.tag}
        </Button>
      </div>
    </form>
  );
}
