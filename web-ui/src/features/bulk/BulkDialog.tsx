import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { abortBulk, bulkIsOver, type BulkOperation } from "@/api/bulk";
import { useFeedback } from "@/components/Feedback";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";
import { BulkBarOf, BulkErrors } from "./BulkReport";
import { useBulkOperation } from "./useBulkOperation";

const t = strings.bulk;

/** An operation that was just started, followed to its end; closing it stops nothing. */
export function BulkDialog({ started, onOver, onClose }: { started: BulkOperation; onOver: () => void; onClose: () => void }) {
  const { data, mutate } = useBulkOperation(started.bulk_operation_id);
  const { failed, announce } = useFeedback();
  const operation = data ?? started;
  const over = bulkIsOver(operation);
  const words = strings.jobs.bulk;
  const title = words.title[operation.action as keyof typeof words.title] ?? t.title;
  const latest = useRef(onOver);
  useEffect(() => {
    latest.current = onOver;
  });
  useEffect(() => {
    if (!over) return;
    announce(t.of(formatNumber(operation.done), formatNumber(operation.matched)));
    latest.current();
    // Once, when it ends.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [over]);
  const abort = () =>
    abortBulk(operation.bulk_operation_id ?? "").then(
      (next) => mutate(() => next),
      (error: unknown) => failed(t.abortFailed, error),
    );
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={title}
        description={over ? undefined : t.goesOn}
        footer={
          <>
            <Button variant="ghost" asChild>
              <Link to="/bulk">{t.all}</Link>
            </Button>
            {over ? (
              <Button variant="primary" onClick={onClose}>
                {strings.common.close}
              </Button>
            ) : (
              <Button onClick={() => void abort()}>{t.abort}</Button>
            )}
          </>
        }
      >
        <div className="flex flex-col gap-3" data-bulk-report={over ? "over" : "under-way"}>
          <BulkBarOf operation={operation} label={title} />
          <BulkErrors errors={operation.errors} />
        </div>
      </DialogContent>
    </Dialog>
  );
}
